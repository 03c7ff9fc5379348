"""Builds the `order.opened` event of an order, found by its id or number.

NewStore does not store events. The order holds the values of the event under names in another case;
values that it does not hold (`tax_provider_details`, `exchanges`) are left out, and mappings that read
them use their defaults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache

from ..mapping.plan.selection import Selection, read_query, read_response
from .client import NewStore

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = (
    "addressType firstName lastName phone country city addressLine1 addressLine2 state zipCode"
)
_FIELDS = f"""
  id externalId createdAt placedAt associateId associateEmail channel channelType
  demandLocationId isExchange isHistorical customerEmail customerId externalCustomerId
  priceMethod subtotal discountTotal shippingTotal shippingTax taxTotal grandTotal
  currency taxStrategy taxExempt
  addresses(first: 10) {{ pageInfo {{ hasNextPage }} edges {{ node {{ {_ADDRESS} }} }} }}
  items(first: 500) {{
    pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{
      id itemType productId pricebookId pricebookPrice listPrice itemDiscounts orderDiscounts
      tax quantity status shippingServiceLevel
    }} }}
  }}
"""
_BY_ID = (
    f"query ($id: String!, $tenant: String!) {{ order(id: $id, tenant: $tenant) {{{_FIELDS}}} }}"
)
_BY_NUMBER = (
    "query ($number: String!) { orders(first: 2, filter: {externalId: {equalTo: $number}})"
    " { pageInfo { hasNextPage } nodes { id } } }"
)
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
# Names of the event that are not the order's in another case.
_RENAMED = {"address_line1": "address_line_1", "address_line2": "address_line_2"}


async def find_order_id(newstore: NewStore, order: str) -> str | None:
    """Return the id of an order by its id or number; None if it does not exist.

    Raise what `NewStore.query` raises, and ExpressionError for an answer with errors.
    """
    if _UUID.fullmatch(order):
        return order.lower()
    selection = _read_selection(_BY_NUMBER)
    answer = await newstore.query(_BY_NUMBER, {"number": order}, None)
    found = _get_map(read_response(answer, selection), "orders").get("nodes")
    ids = [node.get("id") for node in _list_or_empty(found) if isinstance(node, Mapping)]
    return str(ids[0]) if len(ids) == 1 else None


async def build_order_event(
    newstore: NewStore,
    tenant: str,
    order: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, object] | None:
    """Return the event of an order, by its id or number; None if the order does not exist.

    `tenant` is NewStore's name of the tenant. Raise as `find_order_id` does.
    """
    id_ = await find_order_id(newstore, order)
    if id_ is None:
        return None
    selection = _read_selection(_BY_ID)
    answer = await newstore.query(_BY_ID, {"id": id_, "tenant": tenant}, selection)
    document = _get_map(read_response(answer, selection), "order")
    if not document:
        return None
    stamp = now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "tenant": tenant,
        "name": "order.opened",
        "published_at": stamp,
        "payload": _build_payload(document),
    }


def _build_payload(order: Mapping[str, object]) -> dict[str, object]:
    payload = _rename_fields(
        {name: order[name] for name in order if name not in ("addresses", "items")}
    )
    payload["items"] = [_rename_fields(item) for item in _list_nodes(order.get("items"))]
    for address in _list_nodes(order.get("addresses")):
        kind = address.get("addressType")
        if kind in ("shipping", "billing"):
            rest = {name: value for name, value in address.items() if name != "addressType"}
            payload.setdefault(f"{kind}_address", _rename_fields(rest))
    return payload


def _rename_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields under the event's names, without nulls."""
    named = {
        _CAPITAL.sub(lambda match: f"_{match[1].lower()}", name): value
        for name, value in fields.items()
        if value is not None
    }
    return {_RENAMED.get(name, name): value for name, value in named.items()}


def _list_nodes(connection: object) -> list[Mapping[str, object]]:
    edges = connection.get("edges") if isinstance(connection, Mapping) else None
    nodes = [edge.get("node") for edge in _list_or_empty(edges) if isinstance(edge, Mapping)]
    return [node for node in nodes if isinstance(node, Mapping)]


def _list_or_empty(value: object) -> list[object]:
    """Return the value if it is a list, else an empty list: an answer may be anything."""
    return value if isinstance(value, list) else []


def _get_map(document: object, name: str) -> Mapping[str, object]:
    inner = document.get(name) if isinstance(document, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


@cache
def _read_selection(query: str) -> Selection:
    """Return the selection of a query, by the shipped types."""
    return read_query(query)
