"""Dodici's sales orders without erpmap: one function, as a good engineer writes it for speed.

It does what mappings/dodici/sales_order.yaml does with an event and GraphQL's answer: the same
checks, lookups, exact rounding and proof of balance, and the same bytes. Neither it nor `hand`
imports the engine; `tests/test_benchmarks.py` holds the two together over generated orders.

It is stricter in what no order is known to have: what the schema calls a text, a flag or a list has
to be one, and amounts have at most 20 digits and 12 places. It is looser in one thing: keys that
stand twice in a document. And it does not bound the work that an order may cost.
"""

from __future__ import annotations

import json
from decimal import Decimal, localcontext
from typing import Any

import msgspec

from .hand.contacts import plain
from .hand.fits import fitting
from .hand.lines import DISCOUNT_ITEM, HANDOVER, TAX_ITEM, Sold, add_line, sell
from .hand.payments import check_arrived, instruments_of, pay
from .hand.records import addresses_of, customer, sales_order
from .hand.totals import Totals, totals_of
from .hand.values import EXACT, ZERO, Json, RefusedError, cents, divide, flag, money, needed
from .tables import Tables

__all__ = ["RefusedError", "render"]

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
    is_exchange = flag(order.get("isExchange"), "isExchange")
    is_exchange = flag(happened.get("is_exchange"), "is_exchange") or is_exchange
    if is_exchange and money(order["grandTotal"], "grandTotal") != 0:
        raise RefusedError("the payment account of the exchange was not given")
    if flag(order.get("isHistorical"), "isHistorical"):
        raise RefusedError("history")
    instruments = instruments_of(order, is_exchange=is_exchange)
    if needed(order, "id") != needed(happened, "id") or not plain(order["externalId"]):
        raise RefusedError("the order is not the one the event is about, or has no number")

    store = tables.stores[order["channel"]]
    if order["currency"] not in store["currencies"].split(" "):
        raise RefusedError("the location does not sell in the currency")
    included = order.get("priceMethod") == "tax_included"
    sold = sell(order, happened, tables, included=included)
    totals = totals_of(order, sold, included=included)
    shipping, more_owed = _ship(sold, totals, included=included)
    owed = sold.owed + more_owed
    check_arrived(instruments, totals.said)
    pay(sold.lines, instruments, (order["currency"], totals.due, totals.lost), tables)
    if owed != totals.due:
        raise RefusedError(f"{owed} is owed, {totals.due} is the total")
    billing, delivery = addresses_of(order)
    return [
        customer(order, happened, store, (billing, delivery)),
        {
            "name": "sales_order",
            "record": "salesOrder",
            "write": "create",
            "external_id": f"SO-{needed(order, 'externalId')}",
            "confirm": {"total": cents(ZERO)},
            "body": sales_order(order, happened, tables, (shipping, billing, delivery, sold.lines)),
        },
    ]


def _wanted(event: Any) -> Json:
    """The payload of an event that is to become a sales order."""
    happened: Json = event["payload"]
    for key in ("tenant", "name", "published_at"):
        needed(event, key)
    is_history = flag(happened.get("is_historical"), "is_historical")
    if event["name"] != "order.opened" or is_history:
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
    return order


def _ship(sold: Sold, totals: Totals, *, included: bool) -> tuple[Decimal | None, Decimal]:
    """What shipping costs, if anything, and what is owed for it and for the lines of its discount and tax."""
    cost, tax, discount = totals.shipping, totals.shipping_tax, totals.shipping_discount
    if included:
        charged = cost - discount
        saved = cents(divide(discount * tax, charged)) if discount and charged else ZERO
        cost -= cents(tax) + saved
        discount -= saved
    tax += sold.rest
    owed = ZERO
    if totals.shipping_discount:
        owed += add_line(sold.lines, DISCOUNT_ITEM, cents(-discount))
    if tax:
        owed += add_line(sold.lines, TAX_ITEM, cents(tax))
    if not cost:
        return None, owed
    cost = cents(cost)
    return cost, owed + cost
