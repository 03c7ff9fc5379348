"""Dodici: a tax rate on every line, and one line for what no rate can carry."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from orders import ITEM_IDS, Json

from .amounts import ZERO, half_up
from .refusal import known
from .sale import House, Item, Payment, Sale, Store

_TAX_CODES = {"USD": 7, "CAD": 9}
_PAYMENT_ITEMS: dict[str, Mapping[str, str]] = {
    "cash": {"USD": "601", "CAD": "601"},
    "adyen": {"USD": "611", "CAD": "612"},
    "stripe": {"USD": "613", "CAD": "613"},
    "paypal": {"USD": "614", "CAD": "614"},
    "gift_card": {"USD": "621", "CAD": "622"},
    "store_credit": {"USD": "631", "CAD": "631"},
}


def _item_body(sale: Sale, item: Item) -> Json:
    exempt = bool(sale.order["taxExempt"])
    is_gift_card = item.sku in sale.house.gift_cards
    found = sale.house.gift_card_item if is_gift_card else known(ITEM_IDS, item.sku, "item")
    return {
        "item": {"id": found},
        "taxCode": {"id": 5 if exempt else known(_TAX_CODES, sale.currency, "tax code")},
        "custcol_tax_rate": _rate(sale, item),
    }


def _rate(sale: Sale, item: Item) -> Decimal:
    """In percent of what the line costs after its discount; eight places where four lose a cent."""
    net = _net(sale, item)
    if net <= 0:
        return ZERO
    rate = half_up(item.tax * 100 / net, 4)
    return rate if _rated(sale, net, rate) == item.tax else half_up(item.tax * 100 / net, 8)


def _net(sale: Sale, item: Item) -> Decimal:
    return sale.goods(item) - sale.net_discount(item)


def _rated(sale: Sale, net: Decimal, rate: Decimal) -> Decimal:
    return sale.rounded(net * rate / 100)


def _tax_line(sale: Sale) -> Decimal:
    rest = sale.shipping_tax
    for item in sale.items:
        rest += item.tax - _rated(sale, _net(sale, item), _rate(sale, item))
    return rest


def _payment_item(sale: Sale, payment: Payment) -> object:
    method, provider = payment.method.lower(), payment.provider.lower()
    key = provider if method == "credit_card" else method
    return known(known(_PAYMENT_ITEMS, key, "payment item"), sale.currency, "payment item")


DODICI = House(
    brand="Dodici",
    discount_item="1101",
    tax_item="1102",
    gift_card_item="1103",
    gift_cards=("GC-PLASTIC", "GC-EMAIL"),
    stores={
        "NYC5": Store(
            "12",
            "2",
            "31",
            "US",
            "New York Fifth Avenue",
            "store.nyc5@example.com",
            "America/New_York",
        ),
        "TOR1": Store(
            "14",
            "3",
            "32",
            "CA",
            "Toronto Queen Street",
            "store.tor1@example.com",
            "America/Toronto",
        ),
        "USC": Store(
            "20", "2", "35", "US", "Web shop US", "web.us@example.com", "America/New_York"
        ),
        "CAC": Store(
            "21", "3", "36", "CA", "Web shop Canada", "web.ca@example.com", "America/Toronto"
        ),
    },
    ship_methods={"GROUND": "801", "STANDARDFREE": "801", "EXPRESS": "802", "2_DAY": "803"},
    currencies={"USD": 1, "CAD": 3},
    payment_item=_payment_item,
    item_body=_item_body,
    discount_body=lambda sale, item: {},
    tax_line=_tax_line,
)
