"""JSON values in paths: kinds, truth, equality, numbers in text, JSON text.

A value is None, bool, str, list, dict, or a finite int or Decimal, as the readers of
documents return them, never a float. Nothing recurses, and the cost of a result is
charged before it is built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, repeat
from types import NoneType

from ...documents.exact import Number, fits, format_plain
from ...findings.errors import ExpressionError
from ..budget import Budget

MAX_TEXT = 100_000
MAX_ENTRIES = 200_000

_Pairs = Iterator[tuple[object, object]]
_Entries = Iterator[tuple[str, object]]

# `bool` stands before `int`, whose subclass it is.
_KINDS: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    list: "array",
    dict: "object",
    NoneType: "null",
}
_CHARACTERS_PER_STEP = 64
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]{0,49}))(\.[0-9]{1,49})?([eE][+-]?[0-9]{1,3})?", re.ASCII)


def kind_of(value: object) -> str:
    """Return JMESPath's name of the value's type: string, boolean, number, array, object or null."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known
    return next((name for base, name in _KINDS.items() if isinstance(value, base)), "unknown")


def is_false(value: object) -> bool:
    """Return whether a value counts as false: null, false, an empty text, list or object; never 0."""
    if value is None or value is False:
        return True
    return isinstance(value, str | list | dict) and not value


def read_number(text: str) -> Number | None:
    """Return the exact number of a text in JSON's notation; None if it is not one or does not fit."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, fraction, exponent = match.groups()
    number: Number = Decimal(text) if fraction or exponent else int(whole)
    return number if fits(number) else None


def check_bounds(number: Number) -> Number:
    """Return the number itself; raise ExpressionError (E0902) when it is beyond the bounds of `exact`."""
    if not fits(number):
        raise ExpressionError("E0902", "a number is too large or has too many digits")
    return number


def charge_text(length: int, budget: Budget) -> None:
    """Charge for reading a text of `length` characters."""
    budget.charge(1 + length // _CHARACTERS_PER_STEP)


def allow_text(length: int, budget: Budget) -> None:
    """Charge for a new text of `length` characters; raise ExpressionError (E0904) when too long."""
    budget.charge(length)
    if length > MAX_TEXT:
        raise ExpressionError(
            "E0904",
            f"a text of {length:,} characters is longer than the {MAX_TEXT:,} allowed",
            hint="join fewer texts",
        )


def allow_entries(count: int, budget: Budget) -> None:
    """Charge for a new list of `count` entries; raise ExpressionError (E0905) when too long."""
    budget.charge(count)
    if count > MAX_ENTRIES:
        raise ExpressionError(
            "E0905",
            f"a list of {count:,} entries is longer than the {MAX_ENTRIES:,} allowed",
            hint="request fewer entries from the source",
        )


def equal(left: object, right: object, budget: Budget) -> bool:
    """Return deep equality: 1 equals 1.0, true does not equal 1, an object's order does not matter."""
    pending: list[_Pairs] = [iter([(left, right)])]
    while pending:
        for left_part, right_part in pending[-1]:
            budget.charge()
            parts = _parts_to_compare(left_part, right_part, budget)
            if parts is None:
                return False
            if parts:
                pending.append(parts)
                break
        else:
            pending.pop()
    return True


def weigh(value: object, budget: Budget) -> None:
    """Charge for everything in a value, each part as often as it would be written out."""
    pending = [iter([value])]
    while pending:
        for part in pending[-1]:
            _charge_part(part, budget)
            if isinstance(part, list | dict) and part:
                pending.append(iter(part.values() if isinstance(part, dict) else part))
                break
        else:
            pending.pop()


def format_json(value: object, budget: Budget) -> str:
    """Return the value as compact JSON in ASCII; decimals are plain and keep their zeros.

    Raise ExpressionError (E0904 longer than MAX_TEXT, E0902 a number that does not fit).
    """
    pieces: list[str] = []
    written = 0
    for piece in _json_pieces(value):
        written += len(piece)
        budget.charge(len(piece))
        if written > MAX_TEXT:
            raise _text_too_long_error()
        pieces.append(piece)
    return "".join(pieces)


def _charge_part(part: object, budget: Budget) -> None:
    charge_text(len(part) if isinstance(part, str) else 0, budget)


def _parts_to_compare(left: object, right: object, budget: Budget) -> _Pairs | tuple[()] | None:
    """Return the pairs of parts still to compare; () if the values are equal, None if they differ."""
    if left is right:
        return ()
    if kind_of(left) != kind_of(right):
        return None
    if isinstance(left, list) and isinstance(right, list):
        return zip(left, right, strict=True) if len(left) == len(right) else None
    if isinstance(left, dict) and isinstance(right, dict):
        return _members_in_pairs(left, right, budget)
    charge_text(len(left) if isinstance(left, str) else 0, budget)
    return () if left == right else None


def _members_in_pairs(
    left: dict[str, object], right: dict[str, object], budget: Budget
) -> _Pairs | None:
    if len(left) != len(right):
        return None
    budget.charge(len(left))
    return ((left[key], right[key]) for key in left) if left.keys() == right.keys() else None


def _json_pieces(value: object) -> Iterator[str]:
    # One frame for each open container: the remaining entries, and the closing bracket.
    frames: list[tuple[_Entries, str]] = [(iter([("", value)]), "")]
    while frames:
        entries, closing = frames[-1]
        entry = next(entries, None)
        if entry is None:
            frames.pop()
            yield closing
            continue
        before, part = entry
        yield before
        if isinstance(part, list):
            yield "["
            frames.append((zip(_commas(), part, strict=False), "]"))
        elif isinstance(part, dict):
            yield "{"
            frames.append((_json_members(part), "}"))
        else:
            yield _json_scalar(part)


def _commas() -> Iterator[str]:
    return chain([""], repeat(","))


def _json_members(members: dict[object, object]) -> _Entries:
    for comma, (key, value) in zip(_commas(), members.items(), strict=False):
        yield f"{comma}{_json_scalar(str(key))}:", value


def _json_scalar(value: object) -> str:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise _text_too_long_error()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format_plain(check_bounds(value))
    return json.dumps(value, default=str)


def _text_too_long_error() -> ExpressionError:
    return ExpressionError("E0904", f"a text is longer than the {MAX_TEXT:,} characters allowed")
