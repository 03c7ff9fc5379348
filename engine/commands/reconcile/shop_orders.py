"""Fetches the orders that NewStore created in a window, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ...documents.exact import to_decimal
from ...findings.errors import NoAnswerError, ShopError
from ...newstore import NewStore
from ...newstore.event_stream import format_moment, parse_moment

PAGE = 200
MAX_ORDERS = 500_000
_FIELDS = "pageInfo { hasNextPage endCursor } nodes { id externalId createdAt grandTotal currency }"
_BETWEEN = (
    "query ($from: Datetime!, $to: Datetime!, $size: Int!, $after: Cursor) {"
    " orders(first: $size, after: $after, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC],"
    f" filter: {{createdAt: {{greaterThanOrEqualTo: $from, lessThan: $to}}}}) {{ {_FIELDS} }} }}"
)
_NAMED = (
    "query ($values: [String!]!, $size: Int!) {"
    " orders(first: $size, filter: {FIELD: {in: $values}}) { nodes { id externalId } } }"
)


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order as NewStore lists it; `total` is what the customer pays, `at` when it was created.

    `flaw` names the error of an order without an id (then empty) or a moment (then None).
    """

    id: str
    number: str | None
    at: datetime | None
    total: Decimal | None
    currency: str
    flaw: str | None = None

    @property
    def shown(self) -> str:
        """Return the name that people use."""
        return self.number or self.id or "?"

    def when(self, form: str) -> str:
        """Return when it was created, in a format of `strftime`; `?` if that is unknown."""
        return "?" if self.at is None else self.at.strftime(form)


async def fetch_orders(newstore: NewStore, start: datetime, end: datetime) -> list[ShopOrder]:
    """Return all orders that NewStore created from `start` up to `end`, which is not included.

    An order without an id or moment is returned with its flaw, so that it does not hide the others.
    Raise ShopError, NoAnswerError: also for pages that do not end or are malformed.
    """
    found: dict[str, ShopOrder] = {}
    window = {"from": format_moment(start), "to": format_moment(end), "size": PAGE}
    after: str | None = None
    while True:
        variables = window if after is None else {**window, "after": after}
        page = _connection(await newstore.query(_BETWEEN, variables))
        before = len(found)
        found |= {order.id or repr(order): order for order in map(_read_order, _nodes(page))}
        info = page.get("pageInfo")
        if not isinstance(info, Mapping):
            raise _malformed("a page of orders lacks pageInfo")
        if info.get("hasNextPage") is not True:
            return list(found.values())
        cursor = info.get("endCursor")
        if not isinstance(cursor, str) or len(found) == before or len(found) > MAX_ORDERS:
            raise _malformed("the pages of orders do not end")
        after = cursor


async def find_existing(newstore: NewStore, field: str, values: Sequence[str]) -> set[str]:
    """Return those of the ids (`id`) or numbers (`externalId`) that an order in NewStore has."""
    found: set[str] = set()
    query = _NAMED.replace("FIELD", field)
    for start in range(0, len(values), PAGE):
        batch = list(values[start : start + PAGE])
        answer = await newstore.query(query, {"values": batch, "size": 2 * PAGE})
        found.update(str(node.get(field)) for node in _nodes(_connection(answer)))
    return found


def _connection(answer: object) -> Mapping[str, object]:
    """Return the orders of an answer. Raise ShopError for one with errors, which is incomplete."""
    members = answer if isinstance(answer, Mapping) else {}
    data = members.get("data")
    orders = data.get("orders") if isinstance(data, Mapping) else None
    if members.get("errors") or not isinstance(orders, Mapping):
        words = "NewStore's GraphQL API does not list its orders (errors in its answer)"
        raise ShopError("refused", words, status=200)
    return orders


def _nodes(connection: Mapping[str, object]) -> list[Mapping[str, object]]:
    nodes = connection.get("nodes")
    found = [node for node in nodes if isinstance(node, Mapping)] if isinstance(nodes, list) else []
    if not isinstance(nodes, list) or len(found) != len(nodes):
        raise _malformed("a page of orders holds a node that is not an order")
    return found


def _read_order(node: Mapping[str, object]) -> ShopOrder:
    id_, number = node.get("id"), node.get("externalId")
    at = parse_moment(str(node.get("createdAt")))
    named = id_ if isinstance(id_, str) else ""
    flaw = "its createdAt is not a moment" if at is None else None
    flaw = flaw if named else "it has no id"
    currency = str(node.get("currency") or "?")
    total = to_decimal(node.get("grandTotal"))
    return ShopOrder(
        id=named,
        number=str(number) if number else None,
        at=at,
        total=total,
        currency=currency,
        flaw=flaw,
    )


def _malformed(words: str) -> NoAnswerError:
    return NoAnswerError("malformed", f"NewStore's answer: {words}", sent=True)
