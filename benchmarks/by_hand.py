"""Dodici's sales orders without erpmap: one function, as a good engineer writes it for speed.

It does what mappings/dodici/sales_order.yaml does with an event and GraphQL's answer: the same
checks, lookups, exact rounding and proof of balance, and the same bytes. Neither it nor `hand`
imports the engine; `tests/test_benchmarks.py` holds the two together over generated orders.

It is stricter in what no order is known to have: what the schema calls a text has to be one, and
amounts have at most 20 digits and 12 places. It is looser in one thing: keys that stand twice in a
document. And it does not bound the work that an order may cost.
"""

from __future__ import annotations

import json
from decimal import Decimal, localcontext
from typing import Any

import msgspec

from .hand.fits import fitting
from .hand.lines import DISCOUNT_ITEM, TAX_ITEM, add_line, add_payments, instruments_of, sell
from .hand.records import HANDOVER, address_of, customer, sales_order
from .hand.values import EXACT, ZERO, Json, RefusedError, cents, flag, money, needed
from .tables import Tables

__all__ = ["RefusedError", "render"]

_NOT_HISTORY: tuple[object, ...] = (None, False, "", [], {})

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def render(event: bytes, order: bytes, tables: Tables) -> bytes:
    """The payloads of an order as compact JSON. Raise RefusedError when there are none."""
    try:
        with localcontext(EXACT):
            return _encode(fitting(_payloads(_read(event), _read(order), tables)))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RefusedError(f"{type(error).__name__}: {error}") from error


def _read(data: bytes) -> Any:
    try:
        return _decode(data)
    except msgspec.DecodeError:  # half of a surrogate pair and a byte order mark are fine
        return json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise RefusedError(constant)


def _payloads(event: Any, answer: Any, tables: Tables) -> list[Json]:
    happened = _wanted(event)
    order = _whole_order(answer)
    total = money(order["grandTotal"], "grandTotal")
    if total is None:
        raise RefusedError("grandTotal")
    is_exchange = flag(order.get("isExchange"), "isExchange")
    instruments = instruments_of(order, is_exchange=is_exchange)
    if total:
        _check_paid(sum([paid for _, _, paid in instruments], ZERO), total, is_exchange=is_exchange)
    if needed(order, "id") != needed(happened, "id"):
        raise RefusedError("the order is not the one the event is about")

    store = tables.stores[order["channel"]]
    included = order.get("priceMethod") == "tax_included"
    lines, rest, discounts, owed = sell(order, tables, included=included)
    shipping, more_owed = _ship(order, lines, rest, discounts, included=included)
    owed += more_owed
    balance = owed - add_payments(lines, instruments, order["currency"], tables)
    if balance or owed != total:
        raise RefusedError(f"{owed} is owed, {balance} of it not paid, {total} is the total")
    billing, delivery = address_of(order)
    return [
        customer(order, happened, store, billing or delivery),
        {
            "name": "sales_order",
            "record": "salesOrder",
            "write": "create",
            "external_id": f"SO-{needed(order, 'externalId')}",
            "confirm": {"total": balance},
            "body": sales_order(order, happened, tables, (shipping, billing, delivery, lines)),
        },
    ]


def _wanted(event: Any) -> Json:
    """The payload of an event that is to become a sales order."""
    happened: Json = event["payload"]
    for key in ("tenant", "name", "published_at"):
        needed(event, key)
    if event["name"] != "order.opened" or happened.get("is_historical") not in _NOT_HISTORY:
        raise RefusedError("another event, or history")
    if happened.get("channel_type") == "web":
        return happened
    for item in happened.get("items") or ():
        if (item.get("shipping_service_level") or HANDOVER) != HANDOVER:
            return happened
    raise RefusedError("nothing is shipped")


def _whole_order(answer: Any) -> Json:
    """The order of an answer without errors; the amounts that nothing uses are amounts too."""
    if answer.get("errors"):
        raise RefusedError("the answer reports errors")
    order: Json | None = answer["data"].get("order")
    if order is None or not order["items"]["edges"]:
        raise RefusedError("the order or its items are not there yet")
    money(order.get("taxTotal"), "taxTotal")
    money(order.get("subtotal"), "subtotal")
    return order


def _check_paid(paid: Decimal, total: Decimal, *, is_exchange: bool) -> None:
    if is_exchange:
        raise RefusedError("the payment account of the exchange was not given")
    if paid < total:
        raise RefusedError("the payments do not cover the total yet")


def _ship(
    order: Json, lines: list[Json], rest: Decimal, discounts: Decimal, *, included: bool
) -> tuple[Decimal | None, Decimal]:
    """What shipping costs, if anything, and what is owed for it and for the lines of its discount and tax."""
    cost = money(order.get("shippingTotal"), "shippingTotal") or ZERO
    tax = money(order.get("shippingTax"), "shippingTax") or ZERO
    discount = (money(order.get("discountTotal"), "discountTotal") or ZERO) - discounts
    if included:
        cost -= tax
    tax += rest
    owed = ZERO
    if discount:
        owed += add_line(lines, DISCOUNT_ITEM, cents(-discount))
    if tax:
        owed += add_line(lines, TAX_ITEM, cents(tax))
    if not cost:
        return None, owed
    cost = cents(cost)
    return cost, owed + cost
