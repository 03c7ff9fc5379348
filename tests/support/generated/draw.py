"""Sales drawn at random: carts, discounts, taxes, shipping and every way in which customers pay."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from .markets import CASH, CREDIT, MARKETS, METHODS, Branch, Market
from .people import draw_person
from .sale import Charge, Instrument, Means, Sale, SoldItem, Step, make_charge

HANDOVER = "IN_STORE_HANDOVER"
COUPONS = ("WELCOME10", "VIP", "SOMMER 10", "夏セール", "FREESHIP")


@dataclass(frozen=True, slots=True)
class _Till:
    """How one sale is taxed."""

    rng: Random
    market: Market
    is_included: bool
    is_exempt: bool

    def draw_rates(self) -> tuple[tuple[str, str], ...]:
        return self.rng.choice(self.market.rates)


def draw_sale(rng: Random, number: int, market: Market | None = None) -> Sale:
    """Draw one sale of any market; the same numbers give the same sale."""
    market = market or rng.choice(MARKETS)
    branch = rng.choice(market.branches)
    is_sent = branch.is_web or rng.random() < 0.4
    items = _draw_items(rng, market, branch, is_sent=is_sent)
    is_exempt = rng.random() < 0.06
    till = _Till(
        rng=rng,
        market=market,
        is_included=market.is_included and rng.random() < 0.96,
        is_exempt=is_exempt,
    )
    items = _share_order_discount(till, [_tax(till, item) for item in items])
    moment, placed_at = _draw_moment(rng, branch)
    sale = Sale(
        market=market,
        branch=branch,
        id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        number=f"{market.tenant[:2].upper()}{number:09d}",
        placed_at=placed_at,
        date=moment.astimezone(ZoneInfo(branch.zone)).date().isoformat(),
        items=tuple(items),
        shipping=_draw_shipping(till, is_sent=is_sent),
        instruments=(),
        person=draw_person(rng, market, branch, is_sent=is_sent),
        is_exempt=is_exempt,
        coupons=tuple(rng.sample(COUPONS, rng.choice((0, 0, 1, 2)))),
        money=rng.choice(("text", "text", "long", "number", "short")),
        is_sparse=rng.random() < 0.1,
    )
    return _settle(rng, _cancel_some(rng, sale))


def _draw_items(rng: Random, market: Market, branch: Branch, *, is_sent: bool) -> list[SoldItem]:
    levels: list[str | None] = [HANDOVER] if not branch.is_web else []
    if is_sent:
        levels = [*([] if branch.is_web or rng.random() < 0.5 else [HANDOVER]), *market.levels]
    count = rng.choice((1, 1, 2, 2, 3, 4, 7))
    items = [_draw_item(rng, market, rng.choice(levels)) for _ in range(count)]
    if is_sent and not branch.is_web:
        items[0] = replace(items[0], level=rng.choice(tuple(market.levels)))
    return items


def _draw_item(rng: Random, market: Market, level: str | None) -> SoldItem:
    is_card = rng.random() < 0.05
    sku = rng.choice(market.gift_cards if is_card else tuple(market.skus))
    price = _draw_price(rng, market)
    if not is_card and rng.random() < 0.04:
        price = 0
    quantity = 1 if rng.random() < 0.8 else rng.choice((2, 3, 5, 12))
    charge = Charge(price=price, quantity=quantity)
    if price and not is_card and rng.random() < 0.25:
        charge = replace(charge, item_discount=_part_of(rng, charge.full, market.step))
    item_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return SoldItem(id=item_id, sku=sku, charge=charge, level=level)


def _draw_price(rng: Random, market: Market) -> int:
    """Usual prices, round ones, tiny ones, and high ones."""
    scale = 10**market.places
    if market.places == 0:
        scale = 100
    units = rng.choice(
        (
            rng.randrange(5, 300) * scale - rng.choice((0, 1, 5)) * max(1, scale // 100),
            rng.randrange(100, 50_000) * scale // 100,
            rng.randrange(1, 60),
            rng.randrange(500, 9_000) * scale,
        )
    )
    return max(market.step, units // market.step * market.step)


def _part_of(rng: Random, amount: int, step: int) -> int:
    """A discount: some per cent, an odd amount, or all of it."""
    part = rng.choice(
        (amount * rng.choice((10, 15, 20, 33)) // 100, rng.randint(0, amount), amount)
    )
    return part // step * step


def _tax(till: _Till, item: SoldItem) -> SoldItem:
    charge = replace(item.charge, is_included=till.is_included)
    if till.is_exempt or item.sku in till.market.gift_cards:
        return replace(item, charge=charge)
    return replace(item, charge=make_charge(charge, till.draw_rates(), till.market.step))


def _share_order_discount(till: _Till, items: list[SoldItem]) -> list[SoldItem]:
    """A coupon on the whole cart, shared by price, what is left over on the last items."""
    step = till.market.step
    open_amounts = [
        0 if item.sku in till.market.gift_cards else item.charge.full - item.charge.discount
        for item in items
    ]
    whole = sum(open_amounts)
    if not whole or till.rng.random() > 0.2:
        return items
    discount = whole * till.rng.choice((5, 10, 25)) // 100 // step * step
    shares = [discount * amount // whole // step * step for amount in open_amounts]
    rest = discount - sum(shares)
    for at in range(len(items) - 1, -1, -1):
        more = min(rest, open_amounts[at] - shares[at])
        shares[at] += more
        rest -= more
    return [_discounted(item, share, step) for item, share in zip(items, shares, strict=True)]


def _discounted(item: SoldItem, share: int, step: int) -> SoldItem:
    charge = replace(item.charge, order_discount=share)
    rates = tuple((name, rate) for name, rate, _ in charge.taxes)
    return replace(item, charge=make_charge(charge, rates, step))


def _draw_shipping(till: _Till, *, is_sent: bool) -> Charge:
    rng, market = till.rng, till.market
    if not is_sent or rng.random() < 0.4:
        return Charge(price=0, is_included=till.is_included)
    scale = 100 if market.places == 0 else 10**market.places
    price = rng.choice((499, 995, 999, 1500, 2500)) * scale // 100 // market.step * market.step
    charge = Charge(price=price, is_included=till.is_included)
    if rng.random() < 0.3:
        discount = rng.choice((price, _part_of(rng, price, market.step)))
        charge = replace(charge, order_discount=discount)
    is_taxed = not till.is_exempt and rng.random() < 0.7
    return make_charge(charge, till.draw_rates() if is_taxed else (), market.step)


def _draw_moment(rng: Random, branch: Branch) -> tuple[datetime, str]:
    """A moment, one in three close to the branch's midnight, and how NewStore writes it."""
    moment = datetime(2026, 12, 2, tzinfo=UTC) + timedelta(seconds=rng.randrange(50_000_000))
    if rng.random() < 0.33:
        local = moment.astimezone(ZoneInfo(branch.zone)).replace(hour=0, minute=0, second=0)
        moment = (local + timedelta(seconds=rng.randint(-600, 600))).astimezone(UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return moment, text + rng.choice((".110", "", ".1", ".999999", ".110Z", "Z", "+00:00"))


def _cancel_some(rng: Random, sale: Sale) -> Sale:
    """Cancel some items before the order is posted; its totals no longer count them."""
    if len(sale.items) == 1 or rng.random() > 0.12:
        return sale
    fated = set(rng.sample(range(1, len(sale.items)), rng.randrange(1, len(sale.items))))
    items = tuple(
        replace(item, cancelled=rng.choice(("cancelled", "canceled"))) if at in fated else item
        for at, item in enumerate(sale.items)
    )
    return replace(sale, items=items, is_event_older=rng.random() < 0.5)


# The transactions of an instrument that pays `pays`; `more` is an amount above it.
Way = Callable[[Random, int, int], tuple[Step, ...]]


def _split(rng: Random, amount: int, step: int) -> tuple[int, int]:
    first = rng.randint(0, amount // step) * step
    return first, amount - first


def _captured_in_two(rng: Random, pays: int, step: int) -> tuple[Step, ...]:
    first, second = _split(rng, pays, step)
    return (Step("authorize", pays), Step("capture", first), Step("capture", second))


def _authorised_in_two(rng: Random, pays: int, step: int) -> tuple[Step, ...]:
    first, second = _split(rng, pays, step)
    return (Step("authorize", first), Step("authorize", second))


def _anew(rng: Random, pays: int, step: int) -> tuple[Step, ...]:
    before = max(step, pays + rng.choice((0, 0, 10, -1)) * step)
    return (Step("authorize", before), Step("void", before), Step("authorize", pays))


def _refunded(rng: Random, pays: int, step: int) -> tuple[Step, ...]:
    back = rng.randrange(1, 3000) * step
    return (Step("authorize", pays + back), Step("capture", pays + back), Step("refund", back))


def _reduced(rng: Random, pays: int, step: int) -> tuple[Step, ...]:
    less = rng.randrange(1, 3000) * step
    return (Step("authorize", pays + less), Step("void", less))


def _with_change(rng: Random, pays: int, step: int) -> tuple[Step, ...]:
    change = rng.randrange(1, 3000) * step
    return (Step("capture", pays + change), Step("refund", change))


WAYS: dict[str, Way] = {
    "authorised": lambda _rng, pays, _step: (Step("authorize", pays),),
    "captured": lambda _rng, pays, _step: (Step("capture", pays),),
    "both": lambda _rng, pays, _step: (Step("authorize", pays), Step("capture", pays)),
    "partly captured": lambda rng, pays, step: (
        Step("authorize", pays),
        Step("capture", _split(rng, pays, step)[0]),
    ),
    "captured in two": _captured_in_two,
    "authorised in two": _authorised_in_two,
    "authorised anew": _anew,
    "refunded in part": _refunded,
    "authorisation reduced": _reduced,
}
USUAL = (
    "authorised",
    "captured",
    "both",
    "partly captured",
    "captured in two",
    "authorised in two",
)
CASH_WAYS: dict[str, Way] = {"captured": WAYS["captured"], "with change": _with_change}
EXCHANGE_WAYS: dict[str, Way] = {
    "captured": WAYS["captured"],
    "both": WAYS["both"],
    "authorised": WAYS["authorised"],
    "refunded in part": _refunded,
}
ISSUED: Way = lambda _rng, pays, _step: (Step("issue", pays),)  # noqa: E731 - one of the ways


def _settle(rng: Random, sale: Sale) -> Sale:
    """Return the sale paid."""
    is_exchange = not sale.branch.is_web and rng.random() < 0.25
    sale = replace(sale, is_exchange=is_exchange)
    if is_exchange and rng.random() < 0.8:
        sale = replace(sale, exchange_of=str(uuid.UUID(int=rng.getrandbits(128), version=4)))
    if not sale.total:
        return sale
    parts = [sale.total]
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        parts[-1:] = _split(rng, parts[-1], sale.market.step)
    paid = [
        _pay(rng, sale, part, is_first=at == 0)
        for at, part in enumerate(part for part in parts if part)
    ]
    if rng.random() < 0.03:
        paid.insert(0, _lapsed(sale, rng.choice(METHODS)))
    return replace(sale, instruments=tuple(paid))


def _pay(rng: Random, sale: Sale, part: int, *, is_first: bool) -> Instrument:
    means = _draw_means(rng, sale, is_first=is_first)
    ways = EXCHANGE_WAYS if sale.is_exchange else CASH_WAYS if means == CASH else WAYS
    usual = [name for name in ways if name in USUAL] if rng.random() < 0.75 else list(ways)
    way = ways[rng.choice(usual)]
    if means == CREDIT and rng.random() < 0.25:
        way = ISSUED
    return Instrument(means, way(rng, part, sale.market.step), part)


def _draw_means(rng: Random, sale: Sale, *, is_first: bool) -> Means:
    if sale.is_exchange and is_first:
        return CREDIT
    if not sale.branch.is_web and rng.random() < 0.4:
        return CASH
    return rng.choice(METHODS)


def _lapsed(sale: Sale, means: Means) -> Instrument:
    """A card whose authorisation was voided before another paid."""
    return Instrument(means, (Step("authorize", sale.total), Step("void", sale.total)), 0)
