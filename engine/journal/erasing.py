"""A customer's data erased: documents and words of the orders that are about them.

The rows stay, so that nothing is posted again. What is on its way needs its data, and is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from ..findings.diagnostics import Finding
from .arrivals import Fate
from .changing import Act
from .documents import unpacked
from .retention import remove
from .states import State
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS, SHADOWS

ERASED = "erased"
_E, _D, _A, _S = EVENTS.c, DELIVERIES.c, ATTEMPTS.c, SHADOWS.c

_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}\w")

# Says whether a text names the customer.
Names = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class OrderKey:
    """What the events of one order share."""

    tenant: str
    key: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of one order, or the finding that says why not."""

    events: int = 0
    deliveries: int = 0
    finding: Finding | None = None


def names_email(email: str) -> Names:
    """Whether a text holds this address, whatever its case, and not as a part of another one."""
    escaped = re.escape(email.casefold())
    pattern = re.compile(rf"(?<![\w.+'-]){escaped}(?![\w-]|\.\w)")
    return lambda text: pattern.search(text.casefold()) is not None


def keys_of_order(connection: Connection, tenant: str | None, order: str) -> list[OrderKey]:
    """The orders that a number or key means."""
    in_events = select(_E.tenant, _E.order_key).where(
        or_(_E.order_key == order, _E.order_shown == order)
    )
    in_deliveries = select(_D.tenant, _D.order_key).where(
        or_(_D.order_key == order, _D.order_shown == order)
    )
    found = {
        OrderKey(*row) for query in (in_events, in_deliveries) for row in connection.execute(query)
    }
    return sorted(
        (key for key in found if tenant in (None, key.tenant)),
        key=lambda key: (key.tenant, key.key),
    )


def keys_naming(
    connection: Connection, tenant: str | None, names: Names, span: range
) -> set[OrderKey]:
    """The orders of the events with ids in `span` of which anything names the customer."""
    within = (_E.id >= span.start, _E.id < span.stop)
    mine = () if tenant is None else (_E.tenant == tenant,)
    found: set[OrderKey] = set()
    events = select(_E.tenant, _E.order_key, _E.document).where(*within, *mine)
    shadows = select(_E.tenant, _E.order_key, _S.document).join(SHADOWS, _S.event_id == _E.id)
    for query in (events, shadows.where(*within, *mine)):
        for owner, key, document in connection.execute(query):
            if _in_document(document, names):
                found.add(OrderKey(owner, key))
    texts = (_D.identity, _D.order_shown, _D.words, _D.posted)
    deliveries = select(_D.tenant, _D.order_key, *texts).join(EVENTS, _E.id == _D.event_id)
    for owner, key, *own in connection.execute(deliveries.where(*within, *mine)):
        if any(names(text) for text in own if text):
            found.add(OrderKey(owner, key))
    attempts = (
        select(_D.tenant, _D.order_key, _A.words, _A.pinned, _A.payloads)
        .join(DELIVERIES, _D.id == _A.delivery_id)
        .join(EVENTS, _E.id == _D.event_id)
    )
    for owner, key, words, *documents in connection.execute(attempts.where(*within, *mine)):
        if (words and names(words)) or any(_in_document(one, names) for one in documents):
            found.add(OrderKey(owner, key))
    return found


def erase(connection: Connection, order: OrderKey, act: Act) -> Erased:
    """Erase what is kept of an order; its external ids where they hold an address of the customer."""
    events = connection.execute(
        select(_E.id, _E.fate, _E.order_shown).where(
            _E.tenant == order.tenant, _E.order_key == order.key
        )
    ).all()
    rows = connection.execute(
        select(_D.id, _D.state, _D.order_shown, _D.identity, _D.posted)
        .where(_D.tenant == order.tenant, _D.order_key == order.key)
        .with_for_update()
    ).all()
    open_ones = [row for row in rows if row.state not in State.ended()]
    unrouted = [row.id for row in events if row.fate == Fate.UNROUTED]
    if open_ones or unrouted:
        shown = rows[0].order_shown if rows else order.key
        return Erased(finding=_on_its_way(shown, open_ones))
    ids = [row.id for row in rows]
    names = _names_of_customer(connection, order)
    remove(connection, [row.id for row in events], ids)
    for event in events:
        if event.order_shown and names(event.order_shown):
            hidden = {"order_shown": _hidden(event.order_shown)}
            connection.execute(update(EVENTS).where(_E.id == event.id).values(hidden))
    for row in rows:
        connection.execute(
            update(DELIVERIES).where(_D.id == row.id).values(_without_names(row, names))
        )
        noted = {"delivery_id": row.id, "at": act.at, "act": "erase", "by": act.by}
        connection.execute(insert(ACTS).values(noted))
    return Erased(len(events), len(ids))


def _names_of_customer(connection: Connection, order: OrderKey) -> Names:
    """Whether a text holds any of the addresses that the documents of an order hold."""
    events = select(_E.document).where(_E.tenant == order.tenant, _E.order_key == order.key)
    attempts = (
        select(_A.pinned, _A.payloads)
        .join(DELIVERIES, _D.id == _A.delivery_id)
        .where(_D.tenant == order.tenant, _D.order_key == order.key)
    )
    shadows = (
        select(_S.document)
        .join(EVENTS, _E.id == _S.event_id)
        .where(_E.tenant == order.tenant, _E.order_key == order.key)
    )
    documents = (
        one
        for query in (events, attempts, shadows)
        for row in connection.execute(query)
        for one in row
    )
    texts = (text for one in documents if one is not None for text in _texts(unpacked(one)))
    addresses = {found for text in texts for found in _EMAIL.findall(text)}
    tests = [names_email(address) for address in sorted(addresses)]
    return lambda text: any(test(text) for test in tests)


def _on_its_way(order: str, deliveries: Sequence[Any]) -> Finding:
    if deliveries:
        words = f"order {order} is on its way: delivery {deliveries[0].id} has not ended"
        first = "`resolve`" if deliveries[0].state == State.PARKED else "`park` and `resolve`"
        hint = f"erase it when it is delivered, or {first} it first"
    else:
        words = f"order {order} has an event that waits for its tenant's mappings"
        hint = "erase it when it was delivered"
    return Finding("E1103", words, hint=hint)


def _without_names(row: Any, names: Names) -> dict[str, str]:
    """Identity and external ids, other ones where they name the customer; the same each time."""
    posted = [
        {**one, "external_id": ERASED} if names(str(one.get("external_id"))) else one
        for one in json.loads(row.posted)
    ]
    values = {"posted": json.dumps(posted)}
    for column, text in (("identity", row.identity), ("order_shown", row.order_shown)):
        if names(text):
            values[column] = _hidden(text)
    return values


def _hidden(text: str) -> str:
    return f"{ERASED}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _in_document(document: bytes | None, names: Names) -> bool:
    return document is not None and any(names(text) for text in _texts(unpacked(document)))


def _texts(value: object) -> Iterator[str]:
    """All texts of a document, keys among them; without recursion, for it may be deep."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            yield from map(str, one)
            left += one.values()
        elif isinstance(one, list):
            left += one
