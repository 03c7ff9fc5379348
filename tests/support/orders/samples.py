"""Whole orders: builders for one that is known, and strategies for any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from .graphql import an_order
from .markets import MARKETS, Draw, Market, among, baskets, items, shippings
from .newstore import an_account, an_event
from .paying import ways_to_pay
from .purchase import Json, Purchase, address
from .vocabulary import (
    CITIES,
    COUNTRIES,
    COUPONS,
    EMAILS,
    MOMENTS,
    NAMES,
    PHONES,
    STATES,
    STREETS,
)
from .wires import as_long, as_mixed, as_number, as_short, as_text


@dataclass(frozen=True, slots=True)
class Sample:
    """One order as the engine meets it; `order` is the GraphQL answer, `account` the REST one."""

    tenant: str
    event: Json
    order: Json
    account: Json | None


def a_sample(**changes: Any) -> Sample:
    """Event, order and account of one `Purchase(**changes)`."""
    purchase = Purchase(**changes)
    is_there = purchase.is_exchange and purchase.has_account
    account = an_account(**changes) if is_there else None
    return Sample(purchase.tenant, an_event(**changes), an_order(**changes), account)


@st.composite
def samples(draw: Draw, market: Market | None = None, *, is_cancelled: bool = False) -> Sample:
    """Samples of one market, or any; all in them is known to its tenant, and something is sold.

    With `is_cancelled` nothing is: every item is cancelled, and the totals say so.
    """
    market = market or draw(among(MARKETS))
    assert market
    scene = draw(among(("web", "counter", "aisle")))
    basket = draw(baskets(market, scene, is_cancelled=is_cancelled))
    what = {"tax_included": basket.included, "tax_exempt": basket.rates == (0,)}
    bought = draw(st.lists(items(basket), min_size=1, max_size=12))
    what["items"] = (*bought[:-1], replace(bought[-1], status=basket.fates[0]))
    if scene != "counter" and not basket.is_free:
        what["shipping"] = draw(shippings(basket))
    what |= draw(_places(market, scene)) | draw(_customers(market)) | draw(_manners)
    what |= draw(ways_to_pay(market, Purchase(**what).grand_total, scene))
    return a_sample(**what)


@cache
def _places(market: Market, scene: str) -> st.SearchStrategy[Json]:
    channels = (market.web,) if scene == "web" else market.stores
    return st.fixed_dictionaries(
        {
            "tenant": st.just(market.tenant),
            "currency": st.just(market.currency),
            "channel": among(channels),
            "channel_type": st.just("web" if scene == "web" else "store"),
            "placed_at": _placed_at(),
        }
    )


@st.composite
def _placed_at(draw: Draw) -> str:
    """A moment as NewStore writes it: with or without a fraction and a zone."""
    seconds = st.integers(1_577_836_800, 2_051_222_400)  # 2020 to 2035
    anytime = seconds.map(lambda epoch: datetime.fromtimestamp(epoch, UTC).isoformat()[:19])
    moment = draw(st.one_of(among(MOMENTS), anytime))
    fraction = draw(st.text("0123456789", max_size=9))
    zone = draw(among(("", "", "Z", "+00:00", "+09:00", "-05:00", "+05:45")))
    return f"{moment}.{fraction}{zone}" if fraction else f"{moment}{zone}"


@cache
def _customers(market: Market) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "email": among(EMAILS),
            "event_email": among(EMAILS),
            "addresses": st.one_of(st.none(), st.lists(_addresses(market), max_size=3).map(tuple)),
        }
    )


@cache
def _addresses(market: Market) -> st.SearchStrategy[Json]:
    choices: dict[str, Sequence[Any]] = {
        "address_type": ("billing", "shipping", "billing", "shipping", "store"),
        "firstName": NAMES,
        "lastName": NAMES,
        "phone": PHONES,
        "country": (market.country, market.country, *COUNTRIES[market.country], "", None),
        "city": CITIES,
        "addressLine1": STREETS,
        "addressLine2": STREETS,
        "state": (*STATES.get(market.country, ("Bayern", "NY")), " ", "", None),
        "zipCode": ("00501", "104-0061", "", None),
    }
    strategy = st.fixed_dictionaries({key: among(of) for key, of in choices.items()})
    return strategy.map(lambda drawn: address(**drawn))


_manners: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "number": st.from_regex(r"[A-Z]{2}[0-9]{6,9}", fullmatch=True),
        "coupons": st.lists(among(COUPONS), max_size=4).map(tuple),
        "wire": among((as_text, as_number, as_short, as_long, as_mixed)),
        "sparse": st.booleans(),
    }
)
