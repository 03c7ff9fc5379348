"""Lookups of compiled mappings: a table asked the long way, and answers that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Final

from ....findings.errors import DoubtError, LookupMissingError
from ....mapping.lookups import Table, lookup
from ....mapping.lookups.table import Key, Row
from .doubts import unfit

NO_ROWS: Mapping[Key, Row] = {}
# As many different answers are kept for each table that has to be asked the long way.
_MOST_ANSWERS, _LONGEST_PART = 4_096, 200
_KEY_PARTS = frozenset({str, int, Decimal, bool})


class _Missing(Enum):
    """Stands for the answer that a lookup does not have."""

    MISSING = "missing"


MISSING: Final = _Missing.MISSING


class Settled(Enum):
    """Says that an order asks for nothing: it is ignored, not ready, or has all it needs."""

    SETTLED = "settled"


SETTLED: Final = Settled.SETTLED


def rows_of(table: Table | None, count: int) -> Mapping[Key, Row]:
    """The rows of a table that are exact in all of so many keys; none where it can be asked otherwise."""
    patterns = () if table is None else table.patterns.get(count, ())
    if table is None or table.options.ignore_case or not patterns:
        return NO_ROWS
    return patterns[0].rows if patterns[0].exact == tuple(range(count)) else NO_ROWS


def key_part(value: object) -> None:
    """Refuse what is no part of a lookup's key for certain."""
    if value.__class__ not in _KEY_PARTS:
        raise unfit(value)


def found(table: Table | None, key: tuple[object, ...]) -> object:
    """The table's answer, with its default and all its ways of matching."""
    if table is None:
        raise DoubtError
    return lookup(table, key)


def remembered(
    answers: dict[tuple[object, ...], object], table: Table, key: tuple[object, ...]
) -> object:
    """The answer of a table of the mapping, kept for the next order when all of the key is text."""
    answer = lookup(table, key)
    if len(answers) < _MOST_ANSWERS and all(map(_is_short, key)):
        answers[key] = answer
    return answer


def _is_short(part: object) -> bool:
    return isinstance(part, str) and len(part) <= _LONGEST_PART


def found_or_missing(table: Table | None, key: tuple[object, ...]) -> object:
    """The same, or MISSING."""
    try:
        return found(table, key)
    except LookupMissingError:
        return MISSING


def all_known(given: Iterable[str], own: frozenset[str]) -> bool:
    """Whether no table that came with an order takes the place of one of the mapping's own."""
    return own.isdisjoint(given)
