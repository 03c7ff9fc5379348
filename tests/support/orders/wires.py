"""How amounts travel: the ways in which JSON may write the same money, and JSON text itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

Wire = Callable[[Decimal], object]


def as_text(amount: Decimal) -> object:
    """`"58.00"`: how GraphQL most likely writes money."""
    return format(amount, "f")


def as_long(amount: Decimal) -> object:
    """`"58.0000"`: text with more places than the currency has."""
    return format(amount.quantize(Decimal("0.0001")), "f")


def as_number(amount: Decimal) -> object:
    """`58.00` as a JSON number, with its zeros."""
    return amount


def as_short(amount: Decimal) -> object:
    """`58` or `4.9`: a JSON number as most writers shorten it."""
    whole = int(amount)
    return whole if whole == amount else amount.normalize()


def as_mixed(amount: Decimal) -> object:
    """Now text, now a number, but the same for the same amount."""
    ways = (as_text, as_number, as_short, as_long)
    return ways[int(amount * 1000) // 7 % len(ways)](amount)


def as_json(document: object) -> str:
    """JSON text that keeps every digit of a Decimal; lone surrogates are escaped."""
    if isinstance(document, dict):
        inside = (f"{json.dumps(key)}: {as_json(value)}" for key, value in document.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(document, list | tuple):
        return "[" + ", ".join(as_json(value) for value in document) + "]"
    return format(document, "f") if isinstance(document, Decimal) else json.dumps(document)
