"""The lines of a sales order written by hand: what is sold, taken off, taxed and paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..tables import Tables
from .values import ZERO, Json, RefusedError, cents, flag, money, needed, nodes, percent, whole

DISCOUNT_ITEM, TAX_ITEM, _GIFT_CARD_ITEM = "1101", "1102", "1103"
CANCELLED = {"cancelled", "canceled"}
_GIFT_CARDS = {"GC-PLASTIC", "GC-EMAIL"}
_TAX_CODES = {"USD": 7, "CAD": 9}
_EXEMPT = 5
_CUSTOM_PRICE = {"id": "-1"}
_CENT = Decimal("0.01")

Instrument = tuple[str, str, Decimal]


def instruments_of(order: Json, *, is_exchange: bool) -> list[Instrument]:
    """Method, provider and amount of each; an exchange's are not in GraphQL's answer."""
    account = order.get("paymentAccount")
    currency = needed(order, "currency")
    found = []
    for node in nodes(account.get("instruments")) if account is not None else ():
        amount, is_foreign = _paid(node, currency)
        if is_exchange:
            continue
        if is_foreign:
            raise RefusedError("a payment is in another currency than the order")
        provider = node.get("paymentProvider")
        method = needed(node, "paymentMethod")
        found.append((method, "unknown" if provider is None else provider, amount))
    return found


def _paid(instrument: Json, currency: str) -> tuple[Decimal, bool]:
    """Authorised and captured are the same money: the larger counts."""
    authorized = captured = ZERO
    is_foreign = False
    for node in nodes(instrument.get("paymentAccountTransactions")):
        amount = money(node.get("amount"), "amount") or ZERO
        kind = node.get("transactionType")
        if kind == "authorize":
            authorized += amount
        elif kind == "capture":
            captured += amount
        if node.get("currency") not in (None, currency):
            is_foreign = True
    return max(authorized, captured), is_foreign


def sell(
    order: Json, tables: Tables, *, included: bool
) -> tuple[list[Json], Decimal, Decimal, Decimal]:
    """The lines of all items, the tax that no rate carries, all discounts, and what is owed."""
    exempt = flag(order.get("taxExempt"), "taxExempt")
    tax_code = {"id": _EXEMPT if exempt else _TAX_CODES[order["currency"]]}
    lines: list[Json] = []
    rest = discounts = owed = ZERO
    for node in nodes(order["items"]):
        price, tax, discount = _amounts(node)
        if node.get("status") in CANCELLED:
            continue
        if price is None:
            raise RefusedError("pricebookPrice")
        quantity = whole(node["quantity"], "quantity")
        goods = price * quantity - tax if included else price * quantity
        net = goods - discount
        rate: Decimal | int = percent(tax, net) if net > 0 else 0
        rest += tax - cents(net * rate * _CENT) if net > 0 else tax
        line = _item_line(node, quantity, tables)
        if included:
            line["amount"] = stored = cents(goods)
        else:
            line["rate"] = cents(price)
            stored = cents(line["rate"] * quantity)
        line["custcol_nws_item_id"] = item_id = _item_id(node["id"])
        line["taxCode"] = tax_code
        line["custcol_tax_rate"] = rate
        lines.append(line)
        if discount:
            discounts += discount
            stored += add_line(lines, DISCOUNT_ITEM, cents(-discount))
            lines[-1]["custcol_nws_item_id"] = item_id
        owed += stored + (ZERO if exempt else cents(stored * rate * _CENT))
    if not lines:
        raise RefusedError("every item is cancelled")
    return lines, rest, discounts, owed


def _amounts(node: Json) -> tuple[Decimal | None, Decimal, Decimal]:
    """Price, tax and discount of an item."""
    by_item = money(node.get("itemDiscounts"), "itemDiscounts") or ZERO
    by_order = money(node.get("orderDiscounts"), "orderDiscounts") or ZERO
    tax = money(node.get("tax"), "tax") or ZERO
    return money(node.get("pricebookPrice"), "pricebookPrice"), tax, by_item + by_order


def _item_line(node: Json, quantity: int, tables: Tables) -> Json:
    sku = node["productId"]
    item = _GIFT_CARD_ITEM if sku in _GIFT_CARDS else tables.items[sku]
    return {"item": {"id": item}, "quantity": quantity, "price": _CUSTOM_PRICE}


def add_line(lines: list[Json], item: str, amount: Decimal) -> Decimal:
    """Put a line of one amount behind the others, and give the amount back."""
    lines.append({"item": {"id": item}, "price": _CUSTOM_PRICE, "amount": amount})
    return amount


def add_payments(
    lines: list[Json], instruments: list[Instrument], currency: str, tables: Tables
) -> Decimal:
    """A line for each instrument that paid something, and what NetSuite will hold of them all."""
    paid = ZERO
    of_items = tables.payment_items
    in_currency = currency.casefold()
    for method, provider, amount in instruments:
        if amount:
            how, by = method.casefold(), provider.casefold()
            item = (
                of_items.get((how, by, in_currency))
                or of_items.get((how, by, "*"))
                or of_items.get((how, "*", in_currency))
                or of_items[how, "*", "*"]
            )
            rounded = cents(amount)
            paid += rounded
            lines.append({"item": {"id": item}, "amount": rounded})
    return paid


def _item_id(value: Any) -> str:
    item_id = str(value) if type(value) is int else value
    if not 0 < len(item_id) <= 100 or not item_id.isprintable() or item_id != item_id.strip():
        raise RefusedError("id")
    return str(item_id)
