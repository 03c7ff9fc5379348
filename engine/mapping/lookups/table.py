"""A lookup table as data, and the text by which keys are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Final

from ...documents.exact import format_plain
from ...findings.errors import AbsentError, ExpressionError
from .origin import Origin

# The cell of a key that matches any value.
ANY: Final = "*"
# The column that marks a NetSuite record as inactive.
INACTIVE: Final = "isinactive"
MAX_KEYS: Final = 8
MAX_ROWS: Final = 100_000


class _NoDefault(Enum):
    """The type of NO_DEFAULT: a missing key is a finding."""

    NO_DEFAULT = "no default"


NO_DEFAULT: Final = _NoDefault.NO_DEFAULT

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a table.

    `key` names the key columns, `value` the value column. With `prefix`, a missing
    key is looked up again by the first `prefix` characters of its first part;
    `default` is the value for a key that is still missing.
    """

    key: tuple[str, ...] = ()
    value: str | None = None
    ignore_case: bool = False
    prefix: int | None = None
    default: object = NO_DEFAULT


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: the cells of its key (`*` matches all), its value, and its line or row number, or 0."""

    key: Key
    value: object
    number: int = 0


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """The rows that are exact in the same key columns, by the cells of these columns."""

    exact: tuple[int, ...]
    rows: Mapping[Key, Row]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table with an index for lookups.

    `keys` are the names of the key columns, empty for a map that declares
    none; `rows` are all entries with their full keys. `patterns` holds, for each
    possible number of keys, the patterns from the most to the least specific;
    `known` holds all keys, sorted, for the hint of a miss. `remarks` explain missing
    keys, in the form in which keys are compared; `remedy` tells authors what to do about
    a missing key, `home` where they add a row. `origin` gives the place of a row.
    """

    name: str
    keys: tuple[str, ...]
    rows: tuple[Row, ...]
    options: Options
    patterns: Mapping[int, tuple[KeyPattern, ...]] = field(default_factory=dict)
    known: tuple[Key, ...] = ()
    remarks: Mapping[Key, str] = field(default_factory=dict)
    remedy: str | None = None
    home: str | None = None
    origin: Origin = field(default_factory=Origin)


def key_text(value: object, *, ignore_case: bool) -> str:
    """Return the text by which a part of a key is compared: 5 is "5", true is "true".

    Raise AbsentError (E0604) for null, ExpressionError (E0604) for a value that is not a scalar.
    """
    if value is None:
        hint = "give a default for null: `| default(…)`"
        raise AbsentError("E0604", "a key of the lookup is null", hint=hint)
    if isinstance(value, str):
        return value.casefold() if ignore_case else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format_plain(value)
    raise ExpressionError(
        "E0604",
        "a key of the lookup is neither a text nor a number, true or false",
        hint="`| date('UTC')` makes a text of a moment; of a list take one entry",
    )
