"""The lines of a sales order written by hand: what is sold, taken off and taxed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..tables import Tables
from .contacts import plain
from .values import (
    ZERO,
    Json,
    RefusedError,
    cents,
    divide,
    flag,
    money,
    nodes,
    percent,
    whole,
)

DISCOUNT_ITEM, TAX_ITEM, _GIFT_CARD_ITEM = "1101", "1102", "1103"
CANCELLED = {"cancelled", "canceled"}
_SOLD = {"opened", "open", "created", "pending", "on_hold", "in_fulfillment"}
_SOLD |= {"shipped", "fulfilled", "complete", "completed"}
HANDOVER = "IN_STORE_HANDOVER"
_GIFT_CARDS = {"GC-PLASTIC", "GC-EMAIL"}
_TAX_CODES = {"USD": 7, "CAD": 9}
_EXEMPT = 5
_CUSTOM_PRICE = {"id": "-1"}
_CENT = Decimal("0.01")


@dataclass(slots=True)
class Sold:
    """The lines of all items, and sums over them; `lost` are gross, tax and discount of what is cancelled.

    `rest` is the tax that no rate carries, `slack` what rounding explains of taxes with more places.
    """

    lines: list[Json] = field(default_factory=list)
    gross: Decimal = ZERO
    discounts: Decimal = ZERO
    taxes: Decimal = ZERO
    slack: Decimal = ZERO
    rest: Decimal = ZERO
    owed: Decimal = ZERO
    lost: tuple[Decimal, Decimal, Decimal] | None = None
    exempt: bool = False


def sell(order: Json, happened: Json, tables: Tables, *, included: bool) -> Sold:
    """Raise RefusedError for an item that cannot be, and if nothing is sold."""
    exempt = flag(order.get("taxExempt"), "taxExempt") or flag(happened.get("tax_exempt"), "exempt")
    tax_code = {"id": _EXEMPT if exempt else _TAX_CODES[order["currency"]]}
    sold, ids = Sold(exempt=exempt), set()
    for node in nodes(order["items"]):
        price, tax, discount = _amounts(node)
        if node.get("status") in CANCELLED:
            gross = (price or ZERO) * whole(node.get("quantity") or 0, "quantity")
            lost = sold.lost or (ZERO, ZERO, ZERO)
            sold.lost = (lost[0] + gross, lost[1] + tax, lost[2] + discount)
            continue
        _check_status(node.get("status"))
        ids.add(_item_id(node["id"]))
        if price is None or tax < 0 or cents(price) != price or cents(discount) != discount:
            raise RefusedError("price, tax or discount")
        line = _item_line(node, tables)
        worth = line["quantity"] * price, tax, discount
        if line["quantity"] < 1 or not ZERO <= discount <= worth[0]:
            raise RefusedError("quantity or discount")
        _add_item(sold, line, (price, *worth), tax_code, included=included)
    count = sum("quantity" in line for line in sold.lines)
    if not sold.lines or len(ids) != count:
        raise RefusedError("every item is cancelled, or one stands twice")
    _check_places(order, happened)
    return sold


def _check_status(status: Any) -> None:
    """Raise RefusedError unless an item that is not cancelled is sold."""
    if status is not None and status != "" and status.lower() not in _SOLD:
        raise RefusedError("status")


def _add_item(
    sold: Sold,
    line: Json,
    amounts: tuple[Decimal, Decimal, Decimal, Decimal],
    tax_code: Json,
    *,
    included: bool,
) -> None:
    """Add an item of this price, gross, tax and discount, and the line of its discount."""
    price, gross, tax, discount = amounts
    charged = gross - discount
    own_tax, saved = tax, ZERO
    if included:
        own_tax = cents(tax)
        if discount and charged:
            saved = cents(divide(discount * own_tax, charged))
    goods = gross - own_tax - saved if included else gross
    net = goods - (discount - saved)
    rate = _rate(own_tax, net)
    sold.rest += own_tax - cents(net * rate * _CENT) if net > 0 else own_tax
    if included:
        line["amount"] = stored = cents(goods)
    else:
        line["rate"] = cents(price)
        stored = cents(line["rate"] * line["quantity"])
    line["custcol_nws_item_id"] = line.pop("id")
    line["taxCode"] = tax_code
    line["custcol_tax_rate"] = rate
    sold.lines.append(line)
    if discount:
        stored += add_line(sold.lines, DISCOUNT_ITEM, cents(saved - discount))
        sold.lines[-1]["custcol_nws_item_id"] = line["custcol_nws_item_id"]
    sold.owed += stored + cents(stored * rate * _CENT)
    sold.gross += gross
    sold.discounts += discount
    sold.taxes += tax
    sold.slack += abs(tax - cents(tax))


def _rate(tax: Decimal, net: Decimal) -> Decimal | int:
    """Four places, or eight where four lose a cent."""
    if net <= 0:
        return 0
    rate = percent(tax, net, 4)
    return rate if cents(net * rate * _CENT) == tax else percent(tax, net, 8)


def _check_places(order: Json, happened: Json) -> None:
    """All is fulfilled from one location, and no tax contains duty."""
    places, in_store = set(), False
    for node in nodes(order["items"]):
        if node.get("status") in CANCELLED:
            continue
        place = node.get("fulfillmentLocationId")
        if place is not None:
            places.add(place)
        if not place and node.get("shippingServiceLevel") == HANDOVER:
            in_store = True
    if len(places) + (in_store and bool(places)) > 1:
        raise RefusedError("several locations")
    for item in happened.get("items") or ():
        for attribute in item.get("extended_attributes") or ():
            if str(attribute.get("name")).lower() == "duty":
                raise RefusedError("duty")


def _amounts(node: Json) -> tuple[Decimal | None, Decimal, Decimal]:
    """Price, tax and discount of an item."""
    by_item = money(node.get("itemDiscounts"), "itemDiscounts") or ZERO
    by_order = money(node.get("orderDiscounts"), "orderDiscounts") or ZERO
    tax = money(node.get("tax"), "tax") or ZERO
    if node.get("status") not in CANCELLED and (by_item < 0 or by_order < 0):
        raise RefusedError("discount")
    return money(node.get("pricebookPrice"), "pricebookPrice"), tax, by_item + by_order


def _item_line(node: Json, tables: Tables) -> Json:
    sku = node["productId"]
    if not plain(sku):
        raise RefusedError("productId")
    item = _GIFT_CARD_ITEM if sku in _GIFT_CARDS else tables.items[sku]
    return {
        "item": {"id": item},
        "quantity": whole(node["quantity"], "quantity"),
        "price": _CUSTOM_PRICE,
        "id": _item_id(node["id"]),
    }


def add_line(lines: list[Json], item: str, amount: Decimal) -> Decimal:
    """Put a line of one amount behind the others, and give the amount back."""
    lines.append({"item": {"id": item}, "price": _CUSTOM_PRICE, "amount": amount})
    return amount


def _item_id(value: Any) -> str:
    item_id = str(value) if type(value) is int else value
    if not 0 < len(item_id) <= 100 or not item_id.isprintable() or item_id != item_id.strip():
        raise RefusedError("id")
    return str(item_id)
