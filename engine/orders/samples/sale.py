"""A sampled sale as data: items, shipping and payments in whole units of the currency's last place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .sample_shop import WEB, SampleBranch, SampleMethod, SampleShop

HANDOVER = "IN_STORE_HANDOVER"


@dataclass(frozen=True, slots=True)
class SampledItem:
    """One entry of the cart; `tax` is in the price where taxes are included."""

    id: str
    sku: str
    price: int
    quantity: int = 1
    item_discount: int = 0
    order_discount: int = 0
    tax: int = 0
    level: str = HANDOVER
    is_cancelled: bool = False

    @property
    def full(self) -> int:
        """The price of all pieces."""
        return self.price * self.quantity

    @property
    def discount(self) -> int:
        """Both discounts."""
        return self.item_discount + self.order_discount


@dataclass(frozen=True, slots=True)
class SampledShipping:
    """The price of shipping before its discount, the discount, and its tax."""

    price: int = 0
    discount: int = 0
    tax: int = 0


@dataclass(frozen=True, slots=True)
class SampledPayment:
    """A payment with its transactions in turn: authorize, capture, void or refund, with amounts."""

    method: SampleMethod
    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SampledSale:
    """One purchase; `kind` is web or store, `address` is empty for none."""

    shop: SampleShop
    branch: SampleBranch
    kind: str
    currency: str
    id: str
    number: str
    placed_at: str
    items: tuple[SampledItem, ...]
    shipping: SampledShipping = SampledShipping()
    payments: tuple[SampledPayment, ...] = ()
    email: str | None = None
    address: Mapping[str, object] | None = None
    coupons: tuple[str, ...] = ()
    is_exempt: bool = False
    exchange_of: str | None = None

    @property
    def is_sent(self) -> bool:
        """Whether something is shipped; else the customer takes everything along."""
        return self.kind == WEB or any(item.level != HANDOVER for item in self.items)

    @property
    def sold(self) -> tuple[SampledItem, ...]:
        """The items that are not cancelled."""
        return tuple(item for item in self.items if not item.is_cancelled)

    @property
    def total(self) -> int:
        """What the customer pays."""
        goods = sum(item.full - item.discount for item in self.sold)
        taxes = sum(item.tax for item in self.sold) + self.shipping.tax
        shipping = self.shipping.price - self.shipping.discount
        return goods + shipping + (0 if self.shop.is_included else taxes)

    def amount(self, units: int) -> Decimal:
        """Return whole units as an amount with all its places."""
        return Decimal(units).scaleb(-self.shop.places[self.currency])


def compute_tax(amount: int, rate: Decimal, *, is_included: bool) -> int:
    """Return the tax on an amount at a rate in per cent, rounded half up; included tax is in the amount."""
    base = 100 + rate if is_included else Decimal(100)
    return int((amount * rate / base).quantize(Decimal(1), ROUND_HALF_UP))
