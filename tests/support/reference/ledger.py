"""What NetSuite will hold for a finished transaction, worked out from its payload alone."""

from __future__ import annotations

from decimal import Decimal

from orders import Json

from .amounts import PLACES, ZERO, half_up

# The items NetSuite negates: dodici's, then those of nordhus.
_PAYMENT_ITEMS = {
    *("601", "611", "612", "613", "614", "621", "622", "631"),
    *("620", "701", "702", "703", "711", "712", "713", "714", "715", "721", "722", "723"),
}


def is_payment(line: Json) -> bool:
    """Whether NetSuite negates the line."""
    return str(line["item"].get("id")) in _PAYMENT_ITEMS


def owed_and_paid(body: Json, currency: str) -> tuple[Decimal, Decimal]:
    """What the customer owes for goods, shipping and tax, and what the payments are worth."""
    lines = body["item"]["items"]
    paid = sum((_stored(one) for one in lines if is_payment(one)), ZERO)
    goods = sum((_stored(one) for one in lines if not is_payment(one)), ZERO)
    tax = _taxes(lines, PLACES.get(currency, 2))
    return goods + tax + Decimal(body.get("shippingCost", 0)), paid


def _stored(line: Json) -> Decimal:
    return Decimal(line["amount"] if "amount" in line else line["rate"] * line["quantity"])


def _taxes(lines: list[Json], places: int) -> Decimal:
    """What NetSuite adds by a line's own tax, or by its rate on it and its discount."""
    tax = sum((Decimal(line.get("tax1Amt", 0)) for line in lines), ZERO)
    for line in lines:
        if rate := line.get("custcol_tax_rate"):
            same = line["custcol_nws_item_id"]
            net = sum(_stored(one) for one in lines if one.get("custcol_nws_item_id") == same)
            tax += half_up(net * rate / 100, places)
    return tax
