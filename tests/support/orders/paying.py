"""How an order is paid: instruments, and how far each has come."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from .markets import Draw, Market, among
from .purchase import NAMESPACE, Json, Payment
from .vocabulary import METHODS

Amounts = tuple[Decimal, ...]

# The transactions of the instrument at a place that pays these amounts: (authorised, captured).
# Authorised and captured are the same money, of which one may lag behind the other.
STAGES: dict[str, Callable[[int, Amounts], tuple[Amounts, Amounts]]] = {
    "authorized": lambda place, parts: (parts, ()),
    "captured": lambda place, parts: ((), parts),
    "both": lambda place, parts: (parts, parts),
    "partly captured": lambda place, parts: (parts, parts[:1]),
    "partly authorized": lambda place, parts: (parts[:1], parts),
    "one captured": lambda place, parts: (parts, parts if place == 0 else ()),
    "some of each": lambda place, parts: (parts, ()) if place == 0 else ((), parts),
}


@st.composite
def ways_to_pay(draw: Draw, market: Market, total: Decimal, scene: str) -> Json:
    """Purchase's payments, and whether the order is an exchange; zero may need no account."""
    is_exchange = scene != "web" and draw(among((False, False, True)))
    found: Json = {"is_exchange": is_exchange}
    if total == 0 and draw(st.booleans()):
        return found | {"payments": (), "has_account": draw(st.booleans())}
    if is_exchange:
        found["exchange_of"] = draw(among((None, str(uuid.uuid5(NAMESPACE, "first")))))
    return found | {"payments": draw(_payments(market, total, is_exchange=is_exchange))}


@st.composite
def _payments(
    draw: Draw, market: Market, total: Decimal, *, is_exchange: bool
) -> tuple[Payment, ...]:
    """One to three instruments that pay the total; an exchange's first one is store credit."""
    stage = STAGES[draw(among(tuple(STAGES)))]
    payments = []
    for place, share in enumerate(draw(_parts(int(total.scaleb(market.places)), most=3))):
        by_credit = is_exchange and place == 0
        methods = (("store_credit", "store_credit"),) if by_credit else METHODS
        method, provider = draw(among(methods))
        parts = tuple(market.money(part) for part in draw(_parts(share, most=2)))
        voided = parts if is_exchange and draw(among((False, True))) else ()
        payments.append(Payment(method, provider, *stage(place, parts), voided))
    return tuple(payments)


@cache
def _shares(most: int) -> st.SearchStrategy[list[int]]:
    """At most so many shares of a thousand."""
    return st.lists(st.integers(0, 1000), max_size=most)


@st.composite
def _parts(draw: Draw, units: int, *, most: int) -> tuple[int, ...]:
    """One to `most` whole amounts, zero among them, that add up to `units`."""
    cuts = sorted(units * share // 1000 for share in draw(_shares(most - 1)))
    return tuple(end - start for start, end in zip([0, *cuts], [*cuts, units], strict=True))
