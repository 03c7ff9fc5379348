"""Erasure of a customer's data: documents, words and names of the customer's orders.

The rows stay, so that no order is posted again. An order with an open delivery still needs its data:
its erasure gives a finding.
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
from .change import OperatorAction
from .events import EventFate
from .pack import unpack
from .retention import remove_documents
from .states import DeliveryState
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS, SHADOWS

ERASED = "erased"
_E, _D, _A, _S = EVENTS.c, DELIVERIES.c, ATTEMPTS.c, SHADOWS.c

_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}\w")

# Whether a text contains an email address of the customer.
TextTest = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class OrderKey:
    """The key that the events of one order share, and its tenant."""

    tenant: str
    key: str


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The numbers of events and deliveries erased, or the finding that says why none was."""

    events: int = 0
    deliveries: int = 0
    finding: Finding | None = None


def email_test(email: str) -> TextTest:
    """A test for this address in a text, in upper or lower case, and not as part of a longer one."""
    escaped = re.escape(email.casefold())
    pattern = re.compile(rf"(?<![\w.+'-]){escaped}(?![\w-]|\.\w)")
    return lambda text: pattern.search(text.casefold()) is not None


def find_orders(connection: Connection, tenant: str | None, order: str) -> list[OrderKey]:
    """The orders with this number or key."""
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


def find_orders_naming(
    connection: Connection, tenant: str | None, matches: TextTest, span: range
) -> set[OrderKey]:
    """The orders of events with ids in `span` whose stored texts name the customer."""
    within = (_E.id >= span.start, _E.id < span.stop)
    mine = () if tenant is None else (_E.tenant == tenant,)
    found: set[OrderKey] = set()
    events = select(_E.tenant, _E.order_key, _E.document).where(*within, *mine)
    shadows = select(_E.tenant, _E.order_key, _S.document).join(SHADOWS, _S.event_id == _E.id)
    for query in (events, shadows.where(*within, *mine)):
        for owner, key, document in connection.execute(query):
            if _document_matches(document, matches):
                found.add(OrderKey(owner, key))
    texts = (_D.identity, _D.order_shown, _D.words, _D.posted)
    deliveries = select(_D.tenant, _D.order_key, *texts).join(EVENTS, _E.id == _D.event_id)
    for owner, key, *own in connection.execute(deliveries.where(*within, *mine)):
        if any(matches(text) for text in own if text):
            found.add(OrderKey(owner, key))
    attempts = (
        select(_D.tenant, _D.order_key, _A.words, _A.pinned, _A.payloads)
        .join(DELIVERIES, _D.id == _A.delivery_id)
        .join(EVENTS, _E.id == _D.event_id)
    )
    for owner, key, words, *documents in connection.execute(attempts.where(*within, *mine)):
        if (words and matches(words)) or any(_document_matches(one, matches) for one in documents):
            found.add(OrderKey(owner, key))
    return found


def erase_documents(
    connection: Connection, order: OrderKey, action: OperatorAction
) -> ErasureResult:
    """Erase the documents of an order, and its ids where they contain the customer's address."""
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
    open_ones = [row for row in rows if row.state not in DeliveryState.final()]
    unrouted = [row.id for row in events if row.fate == EventFate.UNROUTED]
    if open_ones or unrouted:
        shown = rows[0].order_shown if rows else order.key
        return ErasureResult(finding=_refusal(shown, open_ones))
    ids = [row.id for row in rows]
    matches = _customer_test(connection, order)
    remove_documents(connection, [row.id for row in events], ids)
    for event in events:
        if event.order_shown and matches(event.order_shown):
            hidden = {"order_shown": _hash_text(event.order_shown)}
            connection.execute(update(EVENTS).where(_E.id == event.id).values(hidden))
    for row in rows:
        connection.execute(
            update(DELIVERIES).where(_D.id == row.id).values(_hide_names(row, matches))
        )
        noted = {"delivery_id": row.id, "at": action.at, "act": "erase", "by": action.by}
        connection.execute(insert(ACTS).values(noted))
    return ErasureResult(len(events), len(ids))


def _customer_test(connection: Connection, order: OrderKey) -> TextTest:
    """A test for any of the email addresses in the documents of an order."""
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
    texts = (text for one in documents if one is not None for text in _iterate_texts(unpack(one)))
    addresses = {found for text in texts for found in _EMAIL.findall(text)}
    tests = [email_test(address) for address in sorted(addresses)]
    return lambda text: any(test(text) for test in tests)


def _refusal(order: str, deliveries: Sequence[Any]) -> Finding:
    if deliveries:
        words = f"order {order} cannot be erased: its delivery {deliveries[0].id} has not ended"
        first = (
            "`resolve`" if deliveries[0].state == DeliveryState.PARKED else "`park` and `resolve`"
        )
        hint = f"erase it after it was delivered, or {first} it first"
    else:
        words = f"order {order} has an event that waits for its tenant's mappings"
        hint = "erase it after it was delivered"
    return Finding("E1103", words, hint=hint)


def _hide_names(row: Any, matches: TextTest) -> dict[str, str]:
    """New identity, number and external ids where these name the customer; repeatable."""
    posted = [
        {**one, "external_id": ERASED} if matches(str(one.get("external_id"))) else one
        for one in json.loads(row.posted)
    ]
    values = {"posted": json.dumps(posted)}
    for column, text in (("identity", row.identity), ("order_shown", row.order_shown)):
        if matches(text):
            values[column] = _hash_text(text)
    return values


def _hash_text(text: str) -> str:
    return f"{ERASED}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _document_matches(document: bytes | None, matches: TextTest) -> bool:
    return document is not None and any(matches(text) for text in _iterate_texts(unpack(document)))


def _iterate_texts(value: object) -> Iterator[str]:
    """All texts and keys of a document; without recursion, because it may be nested deeply."""
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
