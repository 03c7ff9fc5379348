"""What was bought, shipped and paid, as plain data; totals follow from it.

A right mapping of a `Purchase` balances to the last minor unit. Amounts are
Decimal, never floats.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .wires import Wire, as_text

Json = dict[str, Any]

ZERO = Decimal(0)
HANDOVER = "IN_STORE_HANDOVER"
CANCELLED = ("cancelled", "canceled")
NAMESPACE = uuid.UUID("6f0a1c1e-5d5f-4d07-9f0e-3a7f5b0c2d11")

# What NetSuite's SuiteQL would answer for the `item` lookup.
ITEM_IDS = {
    "TEE-BLACK-M": "4001",
    "1200204141235-02": "4002",
    "00501": "4003",
    "Ærmel/Größe 42": "4004",
    "草履-24cm": "4005",
}
GIFT_CARDS = {"dodici": ("GC-PLASTIC", "GC-EMAIL"), "nordhus": ("NH-GIFT",)}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the order; `price` is for one piece, the other amounts for the whole entry."""

    sku: str = "TEE-BLACK-M"
    quantity: int = 1
    price: Decimal = Decimal("58.00")
    item_discount: Decimal = ZERO
    order_discount: Decimal = ZERO
    tax: Decimal = Decimal("4.94")
    status: str = "opened"
    service_level: str | None = None

    @property
    def discount(self) -> Decimal:
        return self.item_discount + self.order_discount


@dataclass(frozen=True, slots=True)
class Shipping:
    """`total` is before the discount, and holds `tax` when prices include tax."""

    total: Decimal = ZERO
    tax: Decimal = ZERO
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payment:
    """One instrument with the amounts of its transactions; it paid the larger of the two sums.

    `voided` was authorised and taken back; only the REST account shows it.
    """

    method: str = "credit_card"
    provider: str = "adyen"
    authorized: tuple[Decimal, ...] = ()
    captured: tuple[Decimal, ...] = ()
    voided: tuple[Decimal, ...] = ()


def address(address_type: str = "billing", **changes: Any) -> Json:
    """An address node of GraphQL."""
    return {
        "addressType": address_type,
        "firstName": "Ana",
        "lastName": "Weber",
        "phone": "+1 212-555-0100",
        "country": "US",
        "city": "Exampleville",
        "addressLine1": "1 Example Street",
        "addressLine2": None,
        "state": "NY",
        "zipCode": "00501",
    } | changes


@dataclass(frozen=True, slots=True)
class Purchase:
    """What happened in the shop; by default a web order of dodici, paid by one card.

    `payments=None` means one card authorised for the whole; `sparse` writes zero
    and false as null wherever a mapping has a default for them.
    """

    tenant: str = "dodici"
    currency: str = "USD"
    channel: str = "USC"
    channel_type: str = "web"
    items: tuple[Item, ...] = (Item(service_level="GROUND"),)
    shipping: Shipping = Shipping()
    payments: tuple[Payment, ...] | None = None
    has_account: bool = True
    tax_included: bool = False
    tax_exempt: bool = False
    is_exchange: bool = False
    exchange_of: str | None = None
    number: str = "EX000000266"
    placed_at: str = "2026-11-20T18:41:06.110"
    email: str | None = "ana.weber@example.com"
    event_email: str | None = ""
    addresses: tuple[Json, ...] | None = field(default_factory=lambda: (address(),))
    coupons: tuple[str | None, ...] = ()
    wire: Wire = as_text
    sparse: bool = False

    @property
    def id(self) -> str:
        return str(uuid.uuid5(NAMESPACE, self.number))

    @property
    def sold(self) -> tuple[Item, ...]:
        """The items that NewStore's totals count."""
        return tuple(item for item in self.items if item.status not in CANCELLED)

    @property
    def subtotal(self) -> Decimal:
        return sum((item.price * item.quantity for item in self.sold), ZERO)

    @property
    def discount_total(self) -> Decimal:
        return sum((item.discount for item in self.sold), self.shipping.discount)

    @property
    def tax_total(self) -> Decimal:
        return sum((item.tax for item in self.sold), self.shipping.tax)

    @property
    def grand_total(self) -> Decimal:
        added_tax = ZERO if self.tax_included else self.tax_total
        return self.subtotal - self.discount_total + self.shipping.total + added_tax

    @property
    def instruments(self) -> tuple[Payment, ...]:
        if self.payments is None:
            return (Payment(authorized=(self.grand_total,)),)
        return self.payments


def item_id(purchase: Purchase, place: int) -> str:
    """NewStore's id of the item at a place."""
    return str(uuid.uuid5(NAMESPACE, f"{purchase.number} item {place}"))
