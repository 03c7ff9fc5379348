"""The mappings that want an event, and its keys: digest, order and identity. Pure.

Both databases can store the keys, whatever the event has: an event that cannot be stored would be sent
again for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from ...journal.dialects import escape_text, is_storable
from ...journal.events import Arrival, EventFate, Route
from ...journal.pack import pack
from ...mapping.systems import EVENTS
from ...run import read_order_number
from ...run.compiled import CompiledTrigger, get_trigger
from .go_live import EARLIER_WORDS, POSTED_EARLIER, is_before
from .tenants import ReadyTenant

_LONGEST_KEY = 200
# An index entry has at most 2,704 bytes on PostgreSQL, all of its columns together.
_LONGEST_IDENTITY = 400


def make_arrival(
    tenant: str, event: Mapping[str, object], ready: ReadyTenant | None, at: int
) -> Arrival:
    """Return a valid event in the form in which it is stored; `ready` is None while the tenant cannot run."""
    payload = event[EVENTS.payload]
    assert isinstance(payload, Mapping)
    digest = _digest(payload)
    routes, fate, reason = _find_routes(event, ready, digest)
    return Arrival(
        tenant=tenant,
        name=_storable_name(str(event[EVENTS.name])),
        digest=digest,
        order_key=_read_order_key(payload, digest),
        order_shown=escape_text(read_order_number(event)),
        document=pack(event),
        at=at,
        routes=routes,
        fate=fate,
        reason=reason,
    )


def _find_routes(
    event: Mapping[str, object], ready: ReadyTenant | None, digest: str
) -> tuple[tuple[Route, ...], EventFate, str | None]:
    if ready is None:
        return (), EventFate.UNROUTED, "the tenant's mappings cannot run"
    if (earlier := find_earlier_rule(ready, event)) is not None:
        return (), EventFate.IGNORED, earlier
    triggers = map(get_trigger, ready.plans.values())
    wanted = [trigger for trigger in triggers if trigger.is_wanted(event)]
    if not wanted:
        return (), EventFate.IGNORED, _explain_unwanted(ready, event)
    routes = tuple(
        Route(trigger.plan.name, _read_identity(trigger, event, digest)) for trigger in wanted
    )
    return routes, EventFate.ROUTED, None


def _explain_unwanted(ready: ReadyTenant, event: Mapping[str, object]) -> str:
    """Return the rule by which no mapping wants an event, without any text of the event."""
    matching = [
        plan.name for plan in ready.plans.values() if plan.trigger.event == event[EVENTS.name]
    ]
    if matching:
        return f"on.when: it does not hold in {', '.join(matching)}"
    return "no_mapping: no mapping wants events of this name"


def find_earlier_rule(ready: ReadyTenant, event: Mapping[str, object]) -> str | None:
    """Return the rule by which an event belongs to an earlier integration, None if it does not."""
    if ready.live_from is not None and is_before(event, ready.live_from, ready.zone):
        return f"events.from: before {ready.live_from}"
    return f"{POSTED_EARLIER}: {EARLIER_WORDS}" if ready.posted.has(event) else None


def _digest(payload: Mapping[str, object]) -> str:
    """Return a digest of the payload that does not depend on the order of its keys."""
    return hashlib.sha256(_write_sorted(payload).encode()).hexdigest()


def _encode_number(number: object) -> object:
    """Encode a Decimal differently from a text of the same digits."""
    return {"": str(number)}


# This encoding must not change: journals keep the digests.
_write_sorted = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), default=_encode_number
).encode


def _storable_name(name: str) -> str:
    """Return an event's name; a longer one, which no mapping wants, is cut and made unique by a hash."""
    if len(name) > _LONGEST_KEY:
        name = f"{name[:40]}… {_hash(name)}"
    return escape_text(name)


def _read_order_key(payload: Mapping[str, object], digest: str) -> str:
    for name in EVENTS.order_ids:
        key = payload.get(name)
        if isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY and is_storable(key):
            return key
    return digest


def _read_identity(trigger: CompiledTrigger, event: Mapping[str, object], digest: str) -> str:
    """Return the identity as JSON, which escapes what cannot be stored; a hash of it if it is too long."""
    identity = trigger.read_identity(event) or digest
    return identity if len(identity) <= _LONGEST_IDENTITY else _hash(identity)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
