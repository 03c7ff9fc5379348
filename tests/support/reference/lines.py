"""The lines of a transaction: what is sold, taken off, taxed and paid."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from orders import Json

from .sale import Item, Payment, Sale

_CUSTOM_PRICE = {"id": "-1"}


def lines(sale: Sale) -> list[Json]:
    """Items with their discounts, the discount on shipping, tax, payments."""
    house = sale.house
    found = [line for item in sale.items for line in _item_lines(sale, item)]
    if sale.shipping_discount:
        found.append(_amount_line(house.discount_item, sale.rounded(-sale.shipping_discount)))
    tax = house.tax_line(sale)
    if tax:
        found.append(_amount_line(house.tax_item, sale.rounded(tax)))
    return found + [_payment_line(sale, paid) for paid in sale.payments if paid.amount]


def _item_lines(sale: Sale, item: Item) -> Iterable[Json]:
    worth = (
        {"amount": sale.rounded(sale.goods(item))}
        if sale.includes_tax
        else {"rate": sale.rounded(item.price)}
    )
    common = {"quantity": item.quantity, "price": _CUSTOM_PRICE, "custcol_nws_item_id": item.id}
    yield common | worth | sale.house.item_body(sale, item)
    if item.discount:
        line = _amount_line(sale.house.discount_item, sale.rounded(-sale.net_discount(item)))
        yield line | {"custcol_nws_item_id": item.id} | sale.house.discount_body(sale, item)


def _amount_line(item: str, value: Decimal) -> Json:
    return {"item": {"id": item}, "price": _CUSTOM_PRICE, "amount": value}


def _payment_line(sale: Sale, payment: Payment) -> Json:
    """Sent positive; NetSuite negates payment items."""
    item = sale.house.payment_item(sale, payment)
    return {"item": {"id": item}, "amount": sale.rounded(payment.amount)}
