"""What was sold, and what has to stand in NetSuite for it: the truth that documents are made from.

All amounts are whole minor units until they are written. The figures of NetSuite are decided when a
line is made, not computed back from an order's fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from .markets import Branch, Market

Means = tuple[str, str]


def to_units(amount: Decimal) -> int:
    """Round half up to whole units."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the greatest amount that is right, in minor units."""

    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)


def add_spans(spans: Iterable[Span]) -> Span:
    """Add least to least and greatest to greatest."""
    total = Span()
    for span in spans:
        total += span
    return total


@dataclass(frozen=True, slots=True)
class Charge:
    """A price with its discounts and taxes: a line of goods, or shipping.

    `taxes` has the name, the rate in per cent and the amount of each tax.
    """

    price: int
    quantity: int = 1
    item_discount: int = 0
    order_discount: int = 0
    taxes: tuple[tuple[str, str, int], ...] = ()
    is_included: bool = False

    @property
    def tax(self) -> int:
        return sum(amount for _, _, amount in self.taxes)

    @property
    def full(self) -> int:
        """The price of all pieces as the shop shows it."""
        return self.price * self.quantity

    @property
    def discount(self) -> int:
        return self.item_discount + self.order_discount

    @property
    def net(self) -> int:
        """Revenue after discounts, without tax."""
        return self.full - self.discount - (self.tax if self.is_included else 0)

    @property
    def paid(self) -> int:
        """What the customer pays for it, with tax."""
        return self.net + self.tax

    def discount_span(self) -> Span:
        """The discount without tax; a share of included tax may be rounded to either side."""
        gross = Decimal(self.discount)
        if not self.is_included or not self.discount or not self.taxes:
            return Span(gross, gross)
        rate = sum((Decimal(percent) for _, percent, _ in self.taxes), Decimal(0))
        exact = gross / (1 + rate / 100)
        rest = self.full - self.discount
        if rest == 0:
            return Span(exact.quantize(Decimal(1), ROUND_FLOOR), gross)
        unsure = 1 + gross / (2 * rest)
        low, high = exact - unsure, exact + unsure
        return Span(low.quantize(Decimal(1), ROUND_FLOOR), high.quantize(Decimal(1), ROUND_CEILING))

    def goods_span(self) -> Span:
        """Revenue before discounts, without tax."""
        span = self.discount_span()
        return Span(self.net + span.low, self.net + span.high)


def make_charge(  # what a shop's tax engine does
    charge: Charge, rates: tuple[tuple[str, str], ...], step: int
) -> Charge:
    """Return the charge with its taxes, each rounded for itself."""
    base = Decimal(charge.full - charge.discount)
    if charge.is_included:
        whole = 1 + sum((Decimal(rate) for _, rate in rates), Decimal(0)) / 100
        base /= whole
    taxes = tuple(
        (name, rate, to_units(base * Decimal(rate) / 100 / step) * step) for name, rate in rates
    )
    return Charge(
        price=charge.price,
        quantity=charge.quantity,
        item_discount=charge.item_discount,
        order_discount=charge.order_discount,
        taxes=taxes,
        is_included=charge.is_included,
    )


@dataclass(frozen=True, slots=True)
class SoldItem:
    """One entry of the cart; a cancelled one is neither sold nor paid."""

    id: str
    sku: str
    charge: Charge
    level: str | None
    cancelled: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of an instrument: authorize, capture, void, refund or issue."""

    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """A means of payment with its transactions, and what it pays in the end."""

    means: Means
    steps: tuple[Step, ...]
    pays: int


@dataclass(frozen=True, slots=True)
class Person:
    """The customer as written in documents, and as he has to stand in NetSuite.

    Without `email` the branch's placeholder stands; a name of None is not compared.
    """

    written_email: str | None = None
    event_email: str | None = None
    email: str | None = None
    first: str | None = None
    last: str | None = None
    addresses: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Sale:
    """One purchase."""

    market: Market
    branch: Branch
    id: str
    number: str
    placed_at: str
    date: str
    items: tuple[SoldItem, ...]
    shipping: Charge
    instruments: tuple[Instrument, ...]
    person: Person
    is_exchange: bool = False
    is_exempt: bool = False
    exchange_of: str | None = None
    coupons: tuple[str, ...] = ()
    money: str = "text"
    is_sparse: bool = False
    is_event_older: bool = False
    """Whether the event was sent before items were cancelled."""
    rounding: int = 0
    """What cash rounding adds to the total, in minor units."""
    tax_codes: frozenset[str] = field(default_factory=frozenset)

    @property
    def sold(self) -> tuple[SoldItem, ...]:
        return tuple(item for item in self.items if item.cancelled is None)

    @property
    def charges(self) -> tuple[Charge, ...]:
        return (*(item.charge for item in self.sold), self.shipping)

    @property
    def total(self) -> int:
        return sum(charge.paid for charge in self.charges)

    @property
    def is_sales_order(self) -> bool:
        """Whether something has to be sent; else the customer took everything along."""
        levels = {item.level for item in self.items} - {None, "IN_STORE_HANDOVER"}
        return self.branch.is_web or bool(levels)
