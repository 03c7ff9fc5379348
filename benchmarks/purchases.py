"""What somebody bought, drawn at random and worked out in whole cents, so that it balances."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from uuid import UUID

from .shop import (
    CITIES,
    COUPONS,
    FIRST_NAMES,
    LAST_NAMES,
    LEVELS,
    MARKETS,
    PAYING,
    PRICES,
    STREETS,
    Market,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry; the price is of one piece, the rest of the whole entry."""

    id: str
    sku: str
    quantity: int
    price: int
    by_item: int
    by_order: int
    taxes: tuple[int, ...]

    @property
    def tax(self) -> int:
        """All its taxes."""
        return sum(self.taxes)


@dataclass(frozen=True, slots=True)
class Payment:
    """One instrument; what was captured, of what was authorised."""

    method: str
    provider: str
    amount: int
    is_captured: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bill or a parcel goes."""

    kind: str
    line1: str
    line2: str | None
    city: str
    zip_code: str
    phone: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order of the web shop; all amounts are cents."""

    id: str
    number: str
    moment: str
    market: Market
    first_name: str
    last_name: str
    email: str
    level: str
    coupons: tuple[str, ...]
    items: tuple[Item, ...]
    shipping: int
    shipping_discount: int
    shipping_tax: int
    payments: tuple[Payment, ...]
    addresses: tuple[Address, ...]

    @property
    def subtotal(self) -> int:
        """Before discounts, shipping and tax."""
        return sum(item.price * item.quantity for item in self.items)

    @property
    def discount(self) -> int:
        """All of it, that on shipping too."""
        return sum(item.by_item + item.by_order for item in self.items) + self.shipping_discount

    @property
    def tax(self) -> int:
        """All of it, that on shipping too."""
        return sum(item.tax for item in self.items) + self.shipping_tax

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.subtotal - self.discount + self.shipping + self.tax


def buy(random: Random, number: int) -> Purchase:
    """The purchase of that number, every other one drawn."""
    market = random.choice(MARKETS)
    coupon = random.choice((None, *COUPONS))
    items = tuple(
        _item(random, market, has_coupon=coupon is not None)
        for _ in range(random.choice((2, 3, 4, 4)))
    )
    shipping = random.choice((0, 495, 995))
    discount = random.choice((0, 0, shipping))
    shipping_tax = sum(_taxes(shipping - discount, market))
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    due = sum(item.price * item.quantity - item.by_item - item.by_order for item in items)
    due += sum(item.tax for item in items) + shipping - discount + shipping_tax
    kinds = random.choice((("billing",), ("billing", "shipping"), ("billing", "shipping")))
    return Purchase(
        id=_id(random),
        number=f"DO{number:09}",
        moment=_moment(random),
        market=market,
        first_name=first,
        last_name=last,
        email=f"{first}.{last}.{number}@example.com".replace(" ", ""),
        level=random.choice(LEVELS),
        coupons=() if coupon is None else (coupon,),
        items=items,
        shipping=shipping,
        shipping_discount=discount,
        shipping_tax=shipping_tax,
        payments=_payments(random, due),
        addresses=tuple(_address(random, kind) for kind in kinds),
    )


def _item(random: Random, market: Market, *, has_coupon: bool) -> Item:
    sku = random.choice(tuple(PRICES))
    price = PRICES[sku] - random.choice((0, 0, 1, 5, 300))
    quantity = random.choice((1, 1, 1, 2, 3))
    worth = price * quantity
    by_item = random.choice((0, 0, worth // 5, worth // 3))
    by_order = (worth - by_item) // 10 if has_coupon else 0
    taxes = _taxes(worth - by_item - by_order, market)
    return Item(_id(random), sku, quantity, price, by_item, by_order, taxes)


def _taxes(net: int, market: Market) -> tuple[int, ...]:
    """Each tax rounded half up by itself."""
    return tuple((net * rate + 50_000) // 100_000 for _, rate in market.rates)


def _payments(random: Random, due: int) -> tuple[Payment, ...]:
    """The first of two instruments pays a part; each is at a stage of its own."""
    *some, (method, provider) = random.choice(PAYING)
    parts = [Payment(*one, due // random.randint(2, 5), is_captured=True) for one in some]
    rest = due - sum(part.amount for part in parts)
    return (*parts, Payment(method, provider, rest, random.random() < 0.3))


def _address(random: Random, kind: str) -> Address:
    return Address(
        kind,
        f"{random.randint(1, 2_000)} {random.choice(STREETS)}",
        random.choice((None, f"Apt {random.randint(1, 99)}")),
        random.choice(CITIES),
        f"{random.randint(501, 99_950):05}",
        f"+1 {random.randint(200, 989)}-555-{random.randint(100, 199):04}",
    )


def _moment(random: Random) -> str:
    day = f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    clock = ":".join(f"{random.randint(0, most):02}" for most in (23, 59, 59))
    return f"{day}T{clock}.{random.randint(0, 999):03}"


def _id(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))
