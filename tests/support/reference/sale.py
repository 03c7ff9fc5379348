"""One order, read; and what differs between the tenants that read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from orders import Json

from .amounts import PLACES, ZERO, amount, half_up
from .texts import mail

CURRENCIES = {"USD": 1, "GBP": 2, "CAD": 3, "EUR": 4}


class Store(NamedTuple):
    """A NewStore channel in NetSuite, and the customer of its anonymous purchases."""

    id: str
    subsidiary: str
    class_: str
    country: str
    customer_name: str
    customer_email: str
    timezone: str


@dataclass(frozen=True, slots=True)
class House:
    """What differs between the two tenants."""

    brand: str
    discount_item: str
    tax_item: str
    gift_card_item: str
    gift_cards: tuple[str, ...]
    stores: Mapping[str, Store]
    ship_methods: Mapping[str, str]
    currencies: Mapping[str, int]
    payment_item: Callable[[Sale, Payment], object]
    item_body: Callable[[Sale, Item], Json]
    tax_line: Callable[[Sale], Decimal]


@dataclass(frozen=True, slots=True)
class Item:
    """One sold entry; all amounts but `price` are for the whole entry."""

    id: str
    sku: str
    quantity: int
    price: Decimal
    tax: Decimal
    discount: Decimal


class Payment(NamedTuple):
    """What one instrument paid."""

    method: str
    provider: str
    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Sale:
    """One order, read."""

    house: House
    order: Json
    event: Json
    store: Store
    items: tuple[Item, ...]
    service_levels: tuple[str, ...]
    payments: tuple[Payment, ...]

    @property
    def currency(self) -> str:
        return str(self.order["currency"])

    @property
    def includes_tax(self) -> bool:
        return bool(self.order["priceMethod"] == "tax_included")

    @property
    def email(self) -> str | None:
        return mail(self.order["customerEmail"]) or mail(self.event.get("customer_email")) or None

    @property
    def shipping_tax(self) -> Decimal:
        return amount(self.order["shippingTax"])

    @property
    def shipping_cost(self) -> Decimal:
        """Without tax, before its discount."""
        return amount(self.order["shippingTotal"]) - self.contained(self.shipping_tax)

    @property
    def shipping_discount(self) -> Decimal:
        on_items = sum((item.discount for item in self.items), ZERO)
        return amount(self.order["discountTotal"]) - on_items

    def contained(self, tax: Decimal) -> Decimal:
        """The part of a price that is `tax`."""
        return tax if self.includes_tax else ZERO

    def goods(self, item: Item) -> Decimal:
        """Without tax, before discounts."""
        return item.price * item.quantity - self.contained(item.tax)

    def rounded(self, number: Decimal) -> Decimal:
        """To the currency's minor unit, which always shows."""
        return half_up(number, PLACES.get(self.currency, 2))
