"""Where things are sold, and what is sold there: strategies for items and shipping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from .purchase import CANCELLED, GIFT_CARDS, HANDOVER, ITEM_IDS, Item, Shipping

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]
Levels = tuple[str | None, ...]


@cache
def among(values: tuple[T, ...]) -> st.SearchStrategy[T]:
    """One of the values; kept, since making a strategy costs more than drawing from it."""
    return st.sampled_from(values)


@dataclass(frozen=True, slots=True)
class Market:
    """Where one currency is sold: its minor unit, channels, service levels and usual taxes."""

    tenant: str
    currency: str
    places: int
    web: str
    stores: tuple[str, ...]
    country: str
    levels: tuple[str, ...]
    rates: tuple[int, ...]  # in thousandths of a percent

    def money(self, units: int) -> Decimal:
        """An amount of so many minor units."""
        return Decimal(units).scaleb(-self.places)


_AMERICAN = ("GROUND", "STANDARDFREE", "EXPRESS", "2_DAY")
_NORDHUS = ("STANDARD", "EXPRESS", "TAKKYUBIN")
MARKETS = (
    Market("dodici", "USD", 2, "USC", ("NYC5",), "US", _AMERICAN, (8_875, 7_000, 0)),
    Market("dodici", "CAD", 2, "CAC", ("TOR1",), "CA", _AMERICAN, (13_000, 14_975, 5_000)),
    Market("nordhus", "EUR", 2, "EUW", ("BER1",), "DE", _NORDHUS, (19_000,)),
    Market("nordhus", "EUR", 2, "PAR2", ("PAR2",), "FR", _NORDHUS, (20_000,)),
    Market("nordhus", "JPY", 0, "JPW", ("TYO1",), "JP", _NORDHUS, (10_000,)),
    Market("nordhus", "KWD", 2, "KWW", ("KWW",), "KW", _NORDHUS, (0,)),
)

_PRICES = st.one_of(st.integers(0, 30_000), among((0, 1, 99, 5_800, 10**9 + 7, 10**10 - 1)))
_SHARES = st.one_of(st.just(0), st.integers(0, 1000), st.just(1000))  # of a thousand
_FATES = (*("opened",) * 6, "completed", *CANCELLED)


@dataclass(frozen=True, slots=True)
class Basket:
    """What the items of one order have in common."""

    market: Market
    rates: tuple[int, ...]
    levels: Levels
    fates: tuple[str, ...]
    included: bool
    is_free: bool


@st.composite
def baskets(draw: Draw, market: Market, scene: str, *, is_cancelled: bool) -> Basket:
    """The frame of one order in a scene: web, counter or aisle."""
    exempt = draw(among((False, False, False, False, True)))
    return Basket(
        market=market,
        rates=(0,) if exempt else market.rates,
        levels=draw(_levels(market, scene)),
        fates=CANCELLED if is_cancelled else _FATES,
        included=draw(st.booleans()),
        is_free=draw(among((False,) * 9 + (True,))),
    )


@st.composite
def items(draw: Draw, basket: Basket) -> Item:
    """One entry; its discount is nothing, a part, or all that it costs."""
    market = basket.market
    quantity = draw(among((1, 1, 1, 1, 2, 3)))
    price = draw(_PRICES)
    worth = price * quantity
    discount = worth if basket.is_free else worth * draw(_SHARES) // 1000
    by_order = discount * draw(_SHARES) // 1000
    rate = 0 if basket.is_free else draw(among(basket.rates))
    is_nudged = rate and market.tenant == "dodici"  # elsewhere the tax code says the rate
    nudge = draw(among((0, 0, 1, -1, 25, -25))) if is_nudged else 0
    tax = _tax(worth - discount, rate, included=basket.included, nudge=nudge)
    return Item(
        sku=draw(among((*ITEM_IDS, *GIFT_CARDS[market.tenant]))),
        quantity=quantity,
        price=market.money(price),
        item_discount=market.money(discount - by_order),
        order_discount=market.money(by_order),
        tax=market.money(tax),
        status=draw(among(basket.fates)),
        service_level=draw(among(basket.levels)),
    )


@st.composite
def shippings(draw: Draw, basket: Basket) -> Shipping:
    """What shipping costs, perhaps with a discount of a part or the whole of it."""
    market = basket.market
    total = draw(among((0, 0, 1, 495, 999, 12_000)))
    discount = draw(among((0, 0, total // 3, total)))
    rate = draw(among(basket.rates))
    tax = _tax(total - discount, rate, included=basket.included, nudge=0)
    return Shipping(market.money(total), market.money(tax), market.money(discount))


@cache
def _levels(market: Market, scene: str) -> st.SearchStrategy[Levels]:
    """The service levels that the items of one order have."""
    shipped = among(market.levels)
    scenes: dict[str, st.SearchStrategy[Levels]] = {
        "web": st.one_of(
            st.tuples(shipped),
            st.tuples(shipped, shipped, shipped),
            st.tuples(st.none(), st.just(HANDOVER), shipped),
            among(((None,), (HANDOVER,))),
        ),
        "counter": among(((HANDOVER,), (HANDOVER, None), (None,))),
        "aisle": st.one_of(st.tuples(shipped), st.tuples(shipped, st.just(HANDOVER))),
    }
    return scenes[scene]


def _tax(net: int, rate: int, *, included: bool, nudge: int) -> int:
    """Minor units of tax on or in `net`; `nudge` stands for other people's ways to round."""
    whole = 100_000 + (rate if included else 0)
    tax = max(0, (2 * net * rate + whole) // (2 * whole) + nudge)
    return min(tax, net) if included else tax
