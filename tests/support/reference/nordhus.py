"""Nordhus: VAT stands on its line, items are found by SKU."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from orders import Json

from .refusal import RefusedError, known
from .sale import House, Item, Payment, Sale, Store

_EXEMPT = 90
_VAT_RATES = {"DE": 19, "FR": 20, "JP": 10, "KW": 0}
_VAT_CODES = {"DE": 91, "FR": 92, "JP": 93, "KW": _EXEMPT}
_PAYMENT_ITEMS: dict[str, Mapping[str, int]] = {
    "cash": {"EUR": 701, "JPY": 702, "KWD": 703},
    "adyen": {"EUR": 711, "JPY": 712, "KWD": 713},
    "gift_card": {"EUR": 721, "JPY": 722, "KWD": 723},
}
_PAYMENT_ITEMS_OF_ANY_CURRENCY = {"stripe": 714, "paypal": 715, "store_credit": 620}


def _item_body(sale: Sale, item: Item) -> Json:
    is_gift_card = item.sku in sale.house.gift_cards
    found = {"id": sale.house.gift_card_item} if is_gift_card else {"externalId": item.sku}
    _check_rate(sale, item)
    return {"item": found} | _taxed(sale, item, item.tax + sale.tax_saved(item))


def _discount_body(sale: Sale, item: Item) -> Json:
    return _taxed(sale, item, -sale.tax_saved(item))


def _taxed(sale: Sale, item: Item, tax: Decimal) -> Json:
    code = _VAT_CODES[sale.store.country] if item.tax else _EXEMPT
    return {"taxCode": {"id": code}, "tax1Amt": sale.rounded(tax)}


def _check_rate(sale: Sale, item: Item) -> None:
    """A minor unit for each piece may be lost by rounding; the dinar's countries have no VAT."""
    due = (item.charged - sale.contained(item.tax)) * _VAT_RATES[sale.store.country] / 100
    unit = 1 if sale.currency == "JPY" else Decimal("0.01")
    if item.tax and abs(due - item.tax) > unit * item.quantity:
        raise RefusedError("finding", f"VAT {item.tax} is not {due}")


def _tax_line(sale: Sale) -> Decimal:
    """Shipping has no line of its own to carry its tax."""
    return sale.shipping_tax


def _payment_item(sale: Sale, payment: Payment) -> object:
    method, provider = payment.method.lower(), payment.provider.lower()
    key = provider if method == "credit_card" else method
    if key in _PAYMENT_ITEMS_OF_ANY_CURRENCY:
        return _PAYMENT_ITEMS_OF_ANY_CURRENCY[key]
    return known(known(_PAYMENT_ITEMS, key, "payment item"), sale.currency, "payment item")


NORDHUS = House(
    brand="Nordhus",
    discount_item="501",
    tax_item="502",
    gift_card_item="503",
    gift_cards=("NH-GIFT",),
    stores={
        "BER1": Store(
            "41", "7", "71", "DE", "Berlin Mitte", "store.ber1@example.com", "Europe/Berlin"
        ),
        "PAR2": Store(
            "42", "7", "72", "FR", "Paris Marais", "store.par2@example.com", "Europe/Paris"
        ),
        "TYO1": Store("51", "8", "73", "JP", "東京銀座", "store.tyo1@example.com", "Asia/Tokyo"),
        "EUW": Store(
            "60", "7", "75", "DE", "Web shop Europe", "web.eu@example.com", "Europe/Berlin"
        ),
        "JPW": Store("61", "8", "76", "JP", "Web shop Japan", "web.jp@example.com", "Asia/Tokyo"),
        "KWW": Store("62", "9", "77", "KW", "Web shop Kuwait", "web.kw@example.com", "Asia/Kuwait"),
    },
    ship_methods={"STANDARD": "811", "EXPRESS": "812", "TAKKYUBIN": "813"},
    currencies={"EUR": 4, "JPY": 5, "KWD": 6},
    payment_item=_payment_item,
    item_body=_item_body,
    discount_body=_discount_body,
    tax_line=_tax_line,
)
