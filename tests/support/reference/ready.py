"""Is there something to do, and is everything there?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orders import Json, Sample

from .amounts import ZERO, amount
from .payments import nodes, payments_in
from .refusal import RefusedError

_CASH_ROUNDING = Decimal("0.05")
_MONEY = {
    *("shippingTax", "shippingTotal", "taxTotal", "discountTotal", "subtotal", "grandTotal"),
    *("pricebookPrice", "itemDiscounts", "orderDiscounts", "tax", "amount"),
}


def wanted_as(event: Json) -> str:
    """The transaction an event becomes: salesOrder or cashSale."""
    payload = event["payload"]
    if payload is None:
        raise RefusedError("finding", "no proper event")
    if event["name"] != "order.opened" or payload.get("is_historical"):
        raise RefusedError("ignored", "another event, or history")
    levels = {item.get("shipping_service_level") for item in payload["items"]}
    is_shipped = bool(levels - {None, "", "IN_STORE_HANDOVER"})
    return "salesOrder" if payload["channel_type"] == "web" or is_shipped else "cashSale"


def ready_order(sample: Sample) -> Json:
    """The order, once it, its items and its payments are there."""
    order = _order_in(sample.order)
    if order is None:
        raise RefusedError("not_ready", "the order is not there yet")
    total = amount(order["grandTotal"])
    if order["isExchange"] and total and sample.account is None:
        raise RefusedError("not_ready", "the exchange's payment account is not there yet")
    if not nodes(order["items"]):
        raise RefusedError("not_ready", "the items are not there yet")
    promised = sum((payment.promised for payment in payments_in(sample, order)), ZERO)
    if total > 0 and promised < total - _CASH_ROUNDING:
        raise RefusedError("not_ready", "the payments do not cover the total yet")
    return order


def _order_in(answer: Json) -> Json | None:
    """The order of an answer that is whole: no errors, no page cut short, every amount a number."""
    if answer.get("errors") or answer["data"] is None:
        raise RefusedError("finding", "the answer reports an error, or has no data")
    for key, value in _members(answer):
        if key == "hasNextPage" and value:
            raise RefusedError("finding", "a list is cut short")
        if key in _MONEY:
            amount(value)
    order: Json | None = answer["data"]["order"]
    return order


def _members(document: object) -> Iterator[tuple[str, object]]:
    """Every key with its value, however deep."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key, value
            yield from _members(value)
    if isinstance(document, list):
        for value in document:
            yield from _members(value)
