"""The values of templates: kinds, text form, truth, equality, weight.

Pure. Values are text, numbers (int, Decimal), true and false, null, lists,
maps, dates, aware moments, lines, record ids and `omit`; nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

from ...documents.exact import Number, fits, format_plain
from ...findings.errors import AbsentError, ExpressionError
from ..budget import Budget
from ..lines import LineGroup, Reference, RenderedLine

MAX_TEXT = 100_000
MAX_LIST = 200_000
MAX_NESTING = 100
CHARACTERS_PER_STEP = 20


class Omit(Enum):
    """The type of `omit`: it has one member."""

    OMIT = "omit"


OMIT: Final = Omit.OMIT

_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "number",
    Decimal: "number",
    str: "text",
    type(None): "null",
    list: "list",
    tuple: "list",
    dict: "map",
    datetime: "moment",
    date: "date",
    Omit: "omit",
    Reference: "record id",
    LineGroup: "lines",
    RenderedLine: "line",
    Mapping: "map",
}
_WHOLE_ONLY = frozenset({"omit", "record id"})


def kind_of(value: object) -> str:
    """Return the kind of a value in an author's words; "something foreign" for any other object."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    kinds = (kind for known, kind in _KINDS.items() if isinstance(value, known))
    return next(kinds, "something foreign")


def with_article(kind: str) -> str:
    """Return a kind with its article: `a text`, `null`."""
    return kind if kind in {"null", "omit", "lines", "true or false"} else f"a {kind}"


def require_value(value: object) -> object:
    """Return the value of an operand.

    Raise AbsentError (E0411) for null, ExpressionError (E0413) for a value that may
    only be a whole result: `omit` and the id of a record not written yet.
    """
    if value is None:
        raise AbsentError(
            "E0411",
            "this value is null, but a value is needed here",
            hint="give a default for null: `| default(…)`",
        )
    if kind_of(value) in _WHOLE_ONLY:
        raise ExpressionError(
            "E0413",
            f"{with_article(kind_of(value))} may only be a whole result",
            hint="choose it with `if … else …` or `| default(…)`, without text around it",
        )
    return value


def format_utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC, `2026-03-01T09:30:00Z`; raise ExpressionError (E0425) beyond year 1–9999."""
    return convert_zone(moment).replace(tzinfo=None).isoformat() + "Z"


def convert_zone(moment: datetime, zone: object = UTC) -> datetime:
    """Return the same moment in `zone`; raise ExpressionError (E0425) beyond year 1–9999."""
    try:
        return moment.astimezone(zone)  # type: ignore[arg-type] # a tzinfo, checked by its kind
    except (OverflowError, ValueError) as error:
        raise ExpressionError("E0425", "the moment is before year 1 or after 9999") from error


def _number_text(number: Number) -> str:
    if not fits(number):
        raise ExpressionError("E0902", "a number is too large to be written out")
    return format_plain(number)


_TEXTS: dict[str, Callable[..., str]] = {
    "text": str,
    "number": _number_text,
    "true or false": lambda value: "true" if value else "false",
    "moment": format_utc,
    "date": date.isoformat,
}


def as_text(value: object) -> str:
    """Return the text form of a value.

    Numbers plain and exact, `true`/`false`, dates and moments in ISO 8601.
    Raise AbsentError (E0411) for null, ExpressionError (E0412, E0413) for
    a value without text form.
    """
    kind = kind_of(require_value(value))
    if kind not in _TEXTS:
        raise ExpressionError(
            "E0412",
            f"{with_article(kind)} has no text form",
            hint="take one entry of it, or join a list: `| join(', ')`",
        )
    return _TEXTS[kind](value)


def join_texts(texts: Sequence[str], separator: str = "") -> str:
    """Join texts; raise ExpressionError (E0904) before the result grows too long."""
    check_text_length(sum(map(len, texts)) + len(separator) * max(0, len(texts) - 1))
    return separator.join(texts)


def check_text_length(length: int) -> None:
    """Raise ExpressionError (E0904) when a text to be built is too long."""
    if length > MAX_TEXT:
        raise ExpressionError(
            "E0904",
            f"a text has {length:,} characters; at most {MAX_TEXT:,} are allowed",
            hint="shorten its parts first: `| cut(100)`",
        )


def check_list_length(length: int) -> None:
    """Raise ExpressionError (E0905) when a list to be built is too long."""
    if length > MAX_LIST:
        raise ExpressionError(
            "E0905", f"a list has {length:,} entries; at most {MAX_LIST:,} are allowed"
        )


def is_true(value: object) -> bool:
    """Return the truth of a value: null, false, 0 and empty are false.

    Raise ExpressionError (E0413) for `omit`.
    """
    if value is None:
        return False
    if isinstance(value, LineGroup):
        return bool(value.lines)
    return bool(require_value(value))


def equal(left: object, right: object) -> bool:
    """Return whether two values are equal; values of different kinds never are.

    The caller has weighed both when they are lists or maps.
    """
    kind = kind_of(left)
    if kind != kind_of(right):
        return False
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def entries(value: object) -> Sequence[object]:
    """Return the entries of a list, or the lines of a group."""
    if isinstance(value, LineGroup):
        return value.lines
    assert isinstance(value, list | tuple)
    return value


def size(value: object) -> int:
    """Return the steps that one pass over a value costs, without the contents of its entries."""
    if isinstance(value, str):
        return len(value) // CHARACTERS_PER_STEP
    if isinstance(value, list | tuple | Mapping):
        return len(value)
    return len(value.lines) if isinstance(value, LineGroup) else 0


def weigh(value: object, budget: Budget) -> None:
    """Charge everything inside a value, as if it were written out.

    A list that holds one list twice is charged for it twice, so values that double at
    each step use up the budget, not the memory. Raise BudgetError, or
    ExpressionError (E0906) for a value nested more than 100 levels deep.
    """
    level: list[object] = [value]
    for _ in range(MAX_NESTING + 1):
        below: list[object] = []
        for each in level:
            budget.charge(1 + size(each))
            below.extend(_inside(each))
        if not below:
            return
        level = below
    raise ExpressionError("E0906", f"a value is nested more than {MAX_NESTING} levels deep")


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, LineGroup):
        return value.lines
    return (value.body, *value.after) if isinstance(value, RenderedLine) else ()
