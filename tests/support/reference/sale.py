"""One order, read; and what differs between the tenants that read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from orders import Json

from .amounts import PLACES, ZERO, amount, half_up
from .texts import mail


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
    discount_body: Callable[[Sale, Item], Json]
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

    @property
    def charged(self) -> Decimal:
        return self.price * self.quantity - self.discount


class Payment(NamedTuple):
    """What one instrument paid, and what all its transactions promised."""

    method: str
    provider: str
    amount: Decimal
    promised: Decimal
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
        return self._shipping_total - self.contained(self.shipping_tax + self._shipping_tax_saved)

    @property
    def shipping_discount(self) -> Decimal:
        """Without the tax that it saved."""
        return self._shipping_discount - self.contained(self._shipping_tax_saved)

    @property
    def _shipping_total(self) -> Decimal:
        return amount(self.order["shippingTotal"])

    @property
    def _shipping_discount(self) -> Decimal:
        on_items = sum((item.discount for item in self.items), ZERO)
        return amount(self.order["discountTotal"]) - on_items

    @property
    def _shipping_tax_saved(self) -> Decimal:
        charged = self._shipping_total - self._shipping_discount
        if not (self._shipping_discount and charged > 0):
            return ZERO
        return self.rounded(self._shipping_discount * self.shipping_tax / charged)

    def contained(self, tax: Decimal) -> Decimal:
        """The part of a price that is `tax`."""
        return tax if self.includes_tax else ZERO

    def tax_saved(self, item: Item) -> Decimal:
        """The tax that would be due on the discount."""
        if not (item.discount and item.charged > 0):
            return ZERO
        return self.rounded(item.discount * item.tax / item.charged)

    def goods(self, item: Item) -> Decimal:
        """Without tax, before discounts."""
        return item.price * item.quantity - self.contained(item.tax + self.tax_saved(item))

    def net_discount(self, item: Item) -> Decimal:
        """Without the tax that it saved."""
        return item.discount - self.contained(self.tax_saved(item))

    def rounded(self, number: Decimal) -> Decimal:
        """To the currency's minor unit, which always shows."""
        return half_up(number, PLACES.get(self.currency, 2))
