"""Figures that people and programs send to the simulators, each read in one way. Pure.

All raise ValueError in words that may be shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from .faults import Fault

_LONGEST = 86_400.0


def parse_part(value: object) -> Fraction:
    """A part of all, from 0 to 1, as `0.05`, `"0.05"` or `"1/20"`."""
    try:
        part = Fraction(_as_text(value))
    except (ValueError, ZeroDivisionError):
        part = None
    if part is None or not 0 <= part <= 1:
        raise ValueError(f"{_quote(value)} is no part of all, from 0 to 1")
    return part


def parse_seconds(value: object) -> float:
    """Seconds, from none to a day."""
    try:
        seconds = float(_as_text(value))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST:
        raise ValueError(f"{_quote(value)} is no number of seconds, from 0 to {_LONGEST:.0f}")
    return seconds


def parse_count(value: object, *, least: int, most: int = 1_000_000_000) -> int:
    """A whole number within bounds."""
    text = _as_text(value)
    number = int(text) if len(text) <= len(str(most)) and text.isdecimal() else -1
    if not least <= number <= most:
        raise ValueError(f"{_quote(value)} is no whole number from {least} to {most}")
    return number


def parse_fault(value: object) -> Fault:
    """A fault by its name."""
    if not isinstance(value, str) or value not in set(Fault):
        raise ValueError(f"{_quote(value)} is no fault; faults are {', '.join(Fault)}")
    return Fault(value)


def parse_rates(pairs: Iterable[tuple[object, object]]) -> dict[Fault, Fraction]:
    """Parts for some faults. At most one strikes a request, so together they are no more than all."""
    rates = {parse_fault(name): parse_part(part) for name, part in pairs}
    if sum(rates.values()) > 1:
        raise ValueError("the parts are more than 1 together: at most one fault strikes a request")
    return rates


def _as_text(value: object) -> str:
    """A number or a text as text; neither truth values nor anything else are figures."""
    return "" if isinstance(value, bool) else str(value)[:100].strip()


def _quote(value: object) -> str:
    return repr(value if isinstance(value, str | int) else str(value))[:80]
