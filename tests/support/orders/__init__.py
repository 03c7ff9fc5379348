"""Whole NewStore orders: plain builders, and a hypothesis strategy on top of them.

A `Purchase` says what was bought, shipped and paid; `an_event`, `an_order` and
`an_account` write it down as NewStore would. Totals are worked out so that a
right mapping balances to the last minor unit. Numbers are int and Decimal,
never floats, and every call gives fresh documents that a test may edit.
"""

from __future__ import annotations

from .graphql import an_order
from .markets import MARKETS, Market
from .newstore import an_account, an_event
from .paying import STAGES
from .purchase import (
    CANCELLED,
    GIFT_CARDS,
    HANDOVER,
    ITEM_IDS,
    Item,
    Json,
    Payment,
    Purchase,
    Shipping,
    address,
)
from .samples import Sample, a_sample, samples
from .troubles import TROUBLES, orders
from .wires import Wire, as_json, as_long, as_mixed, as_number, as_short, as_text

__all__ = [
    "CANCELLED",
    "GIFT_CARDS",
    "HANDOVER",
    "ITEM_IDS",
    "MARKETS",
    "STAGES",
    "TROUBLES",
    "Item",
    "Json",
    "Market",
    "Payment",
    "Purchase",
    "Sample",
    "Shipping",
    "Wire",
    "a_sample",
    "address",
    "an_account",
    "an_event",
    "an_order",
    "as_json",
    "as_long",
    "as_mixed",
    "as_number",
    "as_short",
    "as_text",
    "orders",
    "samples",
]
