"""A lookup table as data, and how the parts of a key are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Final

from ...documents.exact import format_plain
from ...findings.errors import AbsentError, ExpressionError

# What fits everything, in a cell of a key.
ANY: Final = "*"
# The column by which NetSuite says that a record is not to be used any more.
INACTIVE: Final = "isinactive"
MAX_KEYS: Final = 8
MAX_ROWS: Final = 100_000


class _NoDefault(Enum):
    """The one value that says: a key that is not there is a finding."""

    NO_DEFAULT = "no default"


NO_DEFAULT: Final = _NoDefault.NO_DEFAULT

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is read and asked.

    `key` names the key columns, `value` the column that is the answer. With
    `prefix`, a first key that is not there is tried again by its first so many
    characters; `default` answers for whatever is not there at all.
    """

    key: tuple[str, ...] = ()
    value: str | None = None
    ignore_case: bool = False
    prefix: int | None = None
    default: object = NO_DEFAULT


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: the cells of its key (`*` fits all), its value, and its line or row if it has one."""

    key: Key
    value: object
    number: int = 0


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """The rows that are exact in the same key columns, by those cells."""

    exact: tuple[int, ...]
    rows: Mapping[Key, Row]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table, ready to be asked.

    `keys` are the names of the key columns, empty for a map that declares
    none; `rows` are all entries by their full keys. `patterns` holds, for each
    number of keys that may be asked with, the patterns from the most to the
    least specific; `known` all keys, sorted, for the hint of a miss. `remarks` say of
    keys that are not there, as they are compared, why not; `remedy` says where a key is added that
    is like none.
    """

    name: str
    keys: tuple[str, ...]
    rows: tuple[Row, ...]
    options: Options
    patterns: Mapping[int, tuple[KeyPattern, ...]] = field(default_factory=dict)
    known: tuple[Key, ...] = ()
    remarks: Mapping[Key, str] = field(default_factory=dict)
    remedy: str | None = None


def key_text(value: object, *, ignore_case: bool) -> str:
    """The text by which a part of a key is compared: 5 is "5", true is "true".

    Raise AbsentError (E0604) for null, ExpressionError (E0604) for what is no single value.
    """
    if value is None:
        raise AbsentError("E0604", "a key of the lookup is null", hint="give it with `| default()`")
    if isinstance(value, str):
        return value.casefold() if ignore_case else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format_plain(value)
    raise ExpressionError(
        "E0604",
        "a key of the lookup is neither a text nor a number, true or false",
        hint="a moment becomes a text by `| date('UTC')`; of a list take one entry",
    )
