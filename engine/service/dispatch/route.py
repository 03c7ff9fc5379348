"""Which mappings want an event, and what names it: its digest, its order, its identity. Pure.

Whatever an event is named, both databases can keep it: one that cannot be stored would be sent for ever.
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
# What stands in an index has at most 2,704 bytes on PostgreSQL, all of its columns together.
_LONGEST_IDENTITY = 400


def make_arrival(
    tenant: str, event: Mapping[str, object], ready: ReadyTenant | None, at: int
) -> Arrival:
    """A proper event as it is stored; `ready` is None while the tenant cannot run."""
    payload = event[EVENTS.payload]
    assert isinstance(payload, Mapping)
    digest = _digest(payload)
    routes, fate, reason = _routes(event, ready, digest)
    return Arrival(
        tenant=tenant,
        name=_name(str(event[EVENTS.name])),
        digest=digest,
        order_key=_order_key(payload, digest),
        order_shown=escape_text(read_order_number(event)),
        document=pack(event),
        at=at,
        routes=routes,
        fate=fate,
        reason=reason,
    )


def _routes(
    event: Mapping[str, object], ready: ReadyTenant | None, digest: str
) -> tuple[tuple[Route, ...], EventFate, str | None]:
    if ready is None:
        return (), EventFate.UNROUTED, "the tenant's mappings cannot run"
    if (earlier := find_earlier_rule(ready, event)) is not None:
        return (), EventFate.IGNORED, earlier
    triggers = map(get_trigger, ready.plans.values())
    wanted = [trigger for trigger in triggers if trigger.is_wanted(event)]
    if not wanted:
        return (), EventFate.IGNORED, _unwanted(ready, event)
    routes = tuple(Route(one.plan.name, _identity(one, event, digest)) for one in wanted)
    return routes, EventFate.ROUTED, None


def _unwanted(ready: ReadyTenant, event: Mapping[str, object]) -> str:
    """By which rule no mapping wants it. What it says of itself is not repeated: it may say anything."""
    asked = [plan.name for plan in ready.plans.values() if plan.trigger.event == event[EVENTS.name]]
    if asked:
        return f"on.when: it does not hold in {', '.join(asked)}"
    return "no_mapping: no mapping wants events of this name"


def find_earlier_rule(ready: ReadyTenant, event: Mapping[str, object]) -> str | None:
    """By which rule an event is an earlier integration's, whatever the mappings want."""
    if ready.since is not None and is_before(event, ready.since, ready.zone):
        return f"events.from: before {ready.since}"
    return f"{POSTED_EARLIER}: {EARLIER_WORDS}" if ready.posted.has(event) else None


def _digest(payload: Mapping[str, object]) -> str:
    """The same for the same payload, in whatever order its keys come; it is no document to be read."""
    return hashlib.sha256(_sorted(payload).encode()).hexdigest()


def _told_apart(number: object) -> object:
    """A Decimal, apart from a text of the same digits."""
    return {"": str(number)}


# Its text never changes: journals keep the digests.
_sorted = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_told_apart).encode


def _name(name: str) -> str:
    """An event's name; no mapping wants one that is longer, and it stays apart from others."""
    if len(name) > _LONGEST_KEY:
        name = f"{name[:40]}… {_hashed(name)}"
    return escape_text(name)


def _order_key(payload: Mapping[str, object], digest: str) -> str:
    for name in EVENTS.order_ids:
        key = payload.get(name)
        if isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY and is_storable(key):
            return key
    return digest


def _identity(trigger: CompiledTrigger, event: Mapping[str, object], digest: str) -> str:
    """JSON, which escapes what cannot be kept; a digest of what is too long."""
    identity = trigger.read_identity(event) or digest
    return identity if len(identity) <= _LONGEST_IDENTITY else _hashed(identity)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
