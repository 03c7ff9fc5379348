"""The totals of an order held against their parts, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from .lines import Sold
from .values import ZERO, Json, RefusedError, cents, money

_TRILLION = Decimal(10) ** 12


class Totals(NamedTuple):
    """What the order says it costs and does, what its cancelled items would have, and its shipping."""

    said: Decimal
    due: Decimal
    lost: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    shipping_discount: Decimal


def totals_of(order: Json, sold: Sold, *, included: bool) -> Totals:
    """Raise RefusedError if a total that is given is not what its parts are."""
    total = money(order["grandTotal"], "grandTotal")
    shipping = money(order.get("shippingTotal"), "shippingTotal") or ZERO
    shipping_tax = money(order.get("shippingTax"), "shippingTax") or ZERO
    if total is None or total < 0 or shipping < 0 or shipping_tax < 0:
        raise RefusedError("grandTotal, or an amount is negative")
    if max(total, sold.gross, shipping) >= _TRILLION or cents(shipping) != shipping:
        raise RefusedError("a trillion, or half a cent")
    taxes = sold.taxes + shipping_tax
    if sold.exempt and taxes:
        raise RefusedError("an exempt order is taxed")
    lost_gross, lost_tax, lost_discount = sold.lost or (ZERO, ZERO, ZERO)
    said_discount = money(order.get("discountTotal"), "discountTotal")
    before = sold.gross + lost_gross + shipping - (said_discount or ZERO)
    is_unreduced = sold.lost and total == before + (ZERO if included else taxes + lost_tax)
    lost = lost_gross - lost_discount + (ZERO if included else lost_tax)
    discount = ZERO
    if said_discount is not None:
        discount = said_discount - sold.discounts - (lost_discount if is_unreduced else ZERO)
    if not ZERO <= discount <= shipping:
        raise RefusedError("discountTotal")
    said = money(order.get("taxTotal"), "taxTotal")
    if said is not None and said != taxes + lost_tax and abs(taxes - said) > sold.slack:
        raise RefusedError("taxTotal")
    said = money(order.get("subtotal"), "subtotal")
    if said is not None and said not in (sold.gross, sold.gross + lost_gross):
        raise RefusedError("subtotal")
    due = total - lost if is_unreduced else total
    return Totals(total, due, lost, shipping, shipping_tax, discount)
