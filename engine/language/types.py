"""The types of fields: what a value must be, and what it becomes.

Pure. Values are never guessed: a text becomes a number, a date or a boolean
only where an author declares that type and the text is unambiguous. TYPES
holds all types; the documentation and the schema are derived from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..documents import format_as_written, is_numeric
from ..documents.exact import MAX_DIGITS, MAX_EXPONENT, Number, fits
from ..documents.numbers import parse_number
from ..findings.errors import ExpressionError
from ..findings.quote import did_you_mean, quoted
from .moments import read_date, read_datetime, read_timezone
from .synonyms import TYPE_SYNONYMS

_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class FieldType:
    """One type: the conversion, its summary, and examples as pairs (value, converted value)."""

    convert: Callable[[object], object]
    summary: str
    examples: tuple[tuple[object, object], ...]


def convert_value(value: object, type_name: str | None) -> object:
    """Return the value converted to a type; unchanged without a type.

    Null is not a value of any type: a caller that allows absence checks for null first.
    Raise ExpressionError: E0510 not a number, E0511 of another kind, E0512 not a
    date or time, E0513 not a time zone, E0514 not a boolean, E0515 not an id, E0516 no
    such type, E0902 a number that does not fit.
    """
    if type_name is None:
        return value
    if type_name not in TYPES:
        raise _unknown_type_error(type_name)
    return TYPES[type_name].convert(value)


def describe_value(value: object) -> str:
    """Return a value in the words of a message, bounded: `'19,99'`, `5`, `a list`, `null`."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format_as_written(value) if fits(value) else "a number beyond all bounds"
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "this value")


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format_as_written(_check_bounds(value))
    raise _wrong_kind_error(value, "a text")


def _integer(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ExpressionError(
            "E0510", f"{describe_value(value)} is not a whole number", hint="use the type decimal"
        )
    return number if isinstance(number, int) else int(number)


def _decimal(value: object) -> Decimal:
    number = _number(value)
    return Decimal(number) if isinstance(number, int) else number


def _number(value: object) -> Number:
    """Return the exact number of a number or a numeric text; it fits, so int() of it is cheap."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _check_bounds(value)
    if isinstance(value, str) and is_numeric(value):
        return _check_bounds(parse_number(value))
    raise ExpressionError(
        "E0510",
        f"{describe_value(value)} is not a number",
        hint="write a number as 1234.50: no blanks, no separators, no currency",
    )


def _check_bounds(number: Number | None) -> Number:
    if number is not None and fits(number):
        return number
    raise ExpressionError(
        "E0902",
        f"a number needs more than {MAX_DIGITS} digits or an exponent beyond ±{MAX_EXPONENT}",
        hint="if it is an identifier, the source must send it as a text",
    )


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return read_date(value)
    raise _wrong_kind_error(value, "a date", hint="`| date('Area/City')` makes a date of a moment")


def _datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return read_datetime(value)
    raise _wrong_kind_error(value, "a date and time", hint="as in 2026-11-20T18:41:06Z")


def _timezone(value: object) -> str:
    if isinstance(value, str):
        return read_timezone(value)
    raise _wrong_kind_error(value, "the name of a time zone", hint="as in Europe/Berlin, or UTC")


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    # The shop's extended attributes hold texts, in any case: "True", "true".
    truth = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None
    if truth is None:
        raise ExpressionError(
            "E0514",
            f"{describe_value(value)} is neither true nor false",
            hint="compare it: `x == 'yes'`",
        )
    return truth


def _id(value: object) -> str:
    """Return an internal id of the ledger or an external id: a whole number or a short printable text."""
    is_scalar = isinstance(value, str | int) and not isinstance(value, bool)
    text = _string(value) if is_scalar else ""
    if 0 < len(text) <= _LONGEST_ID and text.isprintable() and text == text.strip():
        return text
    raise ExpressionError(
        "E0515",
        f"{describe_value(value)} cannot be an id",
        hint=f"an id is a whole number or a text of 1 to {_LONGEST_ID} characters without blanks around it",
    )


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, tuple):
        return list(value)
    raise _wrong_kind_error(value, "a list", hint="name the list within it, as in `items.edges`")


def _table(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise _wrong_kind_error(value, "a table", hint="name a map, such as an address")


def _wrong_kind_error(value: object, wanted: str, *, hint: str | None = None) -> ExpressionError:
    return ExpressionError("E0511", f"{describe_value(value)} is not {wanted}", hint=hint)


def _unknown_type_error(type_name: str) -> ExpressionError:
    otherwise = f"the types are {', '.join(TYPES)}"
    hint = did_you_mean(type_name, TYPES, otherwise=otherwise, synonyms=TYPE_SYNONYMS)
    return ExpressionError("E0516", f"{quoted(type_name)} is not a type", hint=hint)


_KINDS: tuple[tuple[type, str], ...] = (
    (type(None), "null"),
    (datetime, "a date and time"),
    (date, "a date"),
    (list, "a list"),
    (tuple, "a list"),
    (dict, "a table"),
)

TYPES: dict[str, FieldType] = {
    "string": FieldType(
        _string,
        "a text; a number becomes the text that it was written as",
        (("NYC5", "NYC5"), (5, "5"), (Decimal("19.90"), "19.90")),
    ),
    "integer": FieldType(
        _integer,
        "a whole number, or a text that holds one",
        ((2, 2), ("2", 2), (Decimal("2.00"), 2)),
    ),
    "decimal": FieldType(
        _decimal,
        "an exact number, or a text that holds one",
        (("0.0625", Decimal("0.0625")), (3, Decimal(3))),
    ),
    "money": FieldType(
        _decimal,
        "an exact amount, or a text that holds one; not rounded",
        (("19.99", Decimal("19.99")), (58, Decimal(58))),
    ),
    "date": FieldType(
        _date,
        "a calendar day, written YYYY-MM-DD",
        (("2026-11-20", date(2026, 11, 20)),),
    ),
    "datetime": FieldType(
        _datetime,
        "a moment in ISO 8601; without an offset it is UTC",
        (
            ("2026-11-20T18:41:06.110Z", read_datetime("2026-11-20T18:41:06.110Z")),
            ("2026-11-20T19:41:06+01:00", read_datetime("2026-11-20T18:41:06")),
        ),
    ),
    "timezone": FieldType(
        _timezone,
        "the name of a time zone",
        (("America/New_York", "America/New_York"),),
    ),
    "boolean": FieldType(
        _boolean,
        "true or false, or one of these words as a text, in upper or lower case",
        ((True, True), ("False", False)),
    ),
    "id": FieldType(
        _id,
        "an id of the ledger or an external id, as a text",
        ((1101, "1101"), ("00501", "00501")),
    ),
    "list": FieldType(_list, "a list, unchanged", ((["a"], ["a"]),)),
    "table": FieldType(_table, "a map, unchanged", (({"a": 1}, {"a": 1}),)),
}
