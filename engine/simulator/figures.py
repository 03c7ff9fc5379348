"""Parsers of the figures that people and programs send to the simulators. Pure.

All raise ValueError with a message for the user.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from .aim import Trap
from .faults import Fault

_LONGEST = 86_400.0


def parse_part(value: object) -> Fraction:
    """Return a fraction from 0 to 1, given as `0.05`, `"0.05"` or `"1/20"`."""
    try:
        fraction = Fraction(_as_text(value))
    except (ValueError, ZeroDivisionError):
        fraction = None
    if fraction is None or not 0 <= fraction <= 1:
        raise ValueError(f"{_quote(value)} is not a fraction from 0 to 1")
    return fraction


def parse_seconds(value: object) -> float:
    """Return seconds, from 0 to a day."""
    try:
        seconds = float(_as_text(value))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST:
        raise ValueError(f"{_quote(value)} is not a number of seconds from 0 to {_LONGEST:.0f}")
    return seconds


def parse_count(value: object, *, least: int, most: int = 1_000_000_000) -> int:
    """Return a whole number within bounds."""
    text = _as_text(value)
    number = int(text) if len(text) <= len(str(most)) and text.isdecimal() else -1
    if not least <= number <= most:
        raise ValueError(f"{_quote(value)} is not a whole number from {least} to {most}")
    return number


def parse_flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - an error of the client
    return value


def parse_fault(value: object) -> Fault:
    """Return a fault by its name."""
    if not isinstance(value, str) or value not in set(Fault):
        raise ValueError(f"{_quote(value)} is not a fault; use {', '.join(Fault)}")
    return Fault(value)


def parse_aimed_kind(value: object) -> Fault | Trap:
    """Return a fault or a trap by its name."""
    if isinstance(value, str) and value in set(Trap):
        return Trap(value)
    try:
        return parse_fault(value)
    except ValueError as error:
        raise ValueError(f"{error}, {', '.join(Trap)}") from error


def parse_rates(pairs: Iterable[tuple[object, object]]) -> dict[Fault, Fraction]:
    """Return the rates of faults. At most one strikes a request, so they add up to at most 1."""
    rates = {parse_fault(name): parse_part(fraction) for name, fraction in pairs}
    if sum(rates.values()) > 1:
        raise ValueError(
            "the rates of the faults add up to more than 1; reduce them, as at most one fault strikes a request"
        )
    return rates


def _as_text(value: object) -> str:
    """Return a number or a text as text; a truth value is not a figure and gives an empty text."""
    return "" if isinstance(value, bool) else str(value)[:100].strip()


def _quote(value: object) -> str:
    return repr(value if isinstance(value, str | int) else str(value))[:80]
