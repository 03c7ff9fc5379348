"""Lookups of compiled mappings: full lookups, and a cache of their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Final

from ....findings.errors import DoubtError, LookupMissingError
from ....mapping.lookups import Table, look_up
from ....mapping.lookups.table import Key, Row
from .doubts import misfit_error

NO_ROWS: Mapping[Key, Row] = {}
# The number of answers kept for each table without exact rows, and the longest part of their keys.
_MAX_ANSWERS, _MAX_PART_LENGTH = 4_096, 200
_KEY_PARTS = frozenset({str, int, Decimal, bool})


class _Missing(Enum):
    """The type of MISSING, the answer of a lookup without a matching row."""

    MISSING = "missing"


MISSING: Final = _Missing.MISSING


class NothingNeeded(Enum):
    """The type of NOTHING_NEEDED: an order is ignored, not ready, or has all it needs."""

    NOTHING_NEEDED = "settled"


NOTHING_NEEDED: Final = NothingNeeded.NOTHING_NEEDED


def get_exact_rows(table: Table | None, count: int) -> Mapping[Key, Row]:
    """Return the rows of a table that are exact in `count` keys; none if case is ignored."""
    patterns = () if table is None else table.patterns.get(count, ())
    if table is None or table.options.ignore_case or not patterns:
        return NO_ROWS
    return patterns[0].rows if patterns[0].exact == tuple(range(count)) else NO_ROWS


def check_key_part(value: object) -> None:
    """Raise unless a value is certainly a part of a lookup's key."""
    if value.__class__ not in _KEY_PARTS:
        raise misfit_error(value)


def find_answer(table: Table | None, key: tuple[object, ...]) -> object:
    """Return the table's answer by all its ways of matching, or its default."""
    if table is None:
        raise DoubtError
    return look_up(table, key)


def find_answer_cached(
    answers: dict[tuple[object, ...], object], table: Table, key: tuple[object, ...]
) -> object:
    """Return the answer of a mapping's table; keep it if all of the key is short text."""
    answer = look_up(table, key)
    if len(answers) < _MAX_ANSWERS and all(map(_is_short, key)):
        answers[key] = answer
    return answer


def _is_short(part: object) -> bool:
    return isinstance(part, str) and len(part) <= _MAX_PART_LENGTH


def find_answer_or_missing(table: Table | None, key: tuple[object, ...]) -> object:
    """Return the table's answer, or MISSING."""
    try:
        return find_answer(table, key)
    except LookupMissingError:
        return MISSING


def keeps_own_tables(tables: Iterable[str], own: frozenset[str]) -> bool:
    """Whether no table of an order replaces one of the mapping's own."""
    return own.isdisjoint(tables)
