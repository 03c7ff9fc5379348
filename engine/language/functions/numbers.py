"""Filters and functions on numbers; rounding is half up and always explicit."""

from __future__ import annotations

import re
from decimal import ROUND_05UP, Decimal

from ...documents.exact import (
    ROUNDING,
    Number,
    add,
    fits,
    is_number,
    multiply,
    round_half_up,
    subtract,
)
from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from .declare import Function, Parameter, empty_list_error, index_functions
from .values import entries, kind_of, require_value, with_article

# ROUND_05UP to 40 digits makes a second rounding to fewer digits exact: the last digit still shows
# whether anything was cut off.
STICKY = ROUNDING.copy()
STICKY.rounding = ROUND_05UP
FEW = 15
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,30})?", re.ASCII)


def drop_negative_zero(number: Number) -> Number:
    """Return the number; a zero loses its sign, so that no payload holds -0.00."""
    return number if number or isinstance(number, int) else number.copy_abs()


def round_number(number: Number, places: int) -> Decimal:
    """Round `number` half up to `places` decimal places; raise ExpressionError (E0902) if it is too large."""
    if not fits(number):
        raise _bounds_error()
    try:
        result = round_half_up(number, places)
    except ArithmeticError as error:
        raise _bounds_error() from error
    return result or result.copy_abs()


def round_ratio(part: Number, whole: Number, places: int) -> Decimal:
    """Return `part / whole`, rounded once, half up; `whole` is not 0. Raise ExpressionError (E0902)."""
    if not (fits(part) and fits(whole)):
        raise _bounds_error()
    if places <= FEW:
        quotient = STICKY.divide(part, whole)
        if quotient.adjusted() < FEW:
            return _round_quotient(quotient, places)
    over, under = part.as_integer_ratio()
    whole_over, whole_under = whole.as_integer_ratio()
    dividend, divisor = over * whole_under * 10**places, under * whole_over
    half_up = (2 * abs(dividend) + abs(divisor)) // (2 * abs(divisor))
    if not fits(half_up):
        raise _bounds_error()
    is_negative = (dividend < 0) is not (divisor < 0) and half_up > 0
    return Decimal(-half_up if is_negative else half_up).scaleb(-places, ROUNDING)


def _round_quotient(quotient: Decimal, places: int) -> Decimal:
    result = round_half_up(quotient, places)
    return result or result.copy_abs()


def require_number(value: object, subject: str) -> Number:
    """Return the value, which must be a number; raise ExpressionError (E0411, E0415)."""
    require_value(value)
    if not is_number(value):
        raise ExpressionError(
            "E0415",
            f"{subject} must be a number, not {with_article(kind_of(value))}",
            hint="a field with `type: decimal` or `type: money` is one",
        )
    assert isinstance(value, int | Decimal)
    return value


def sum_numbers(numbers: list[Number]) -> Number:
    """Return the exact sum, 0 of none; raise ExpressionError (E0902) when it does not fit."""
    total: Number = 0
    for number in numbers:
        total = add(total, number)
    return total


def _numbers(values: object) -> list[Number]:
    return [require_number(value, "each entry") for value in entries(values)]


def _sum(values: object) -> Number:
    return sum_numbers(_numbers(values))


def _min(values: object) -> Number:
    numbers = _numbers(values)
    if not numbers:
        raise empty_list_error("the smallest entry")
    return min(numbers)


def _max(values: object) -> Number:
    numbers = _numbers(values)
    if not numbers:
        raise empty_list_error("the largest entry")
    return max(numbers)


def _abs(number: Number) -> Number:
    return drop_negative_zero(number if number > 0 else subtract(0, number))


def _percent(part: Number, whole: Number, places: int) -> Decimal:
    if whole == 0:
        if part == 0:
            return round_number(0, places)
        raise ExpressionError(
            "E0422",
            "a percentage of 0 does not exist",
            hint="guard it: `percent(x, of=y) if y else 0`",
        )
    return round_ratio(multiply(part, 100), whole, places)


def _number(value: object) -> Number:
    if isinstance(value, str):
        return _read(value)
    return require_number(value, "the value")


def _read(text: str) -> Number:
    stripped = text.strip() if len(text) <= 200 else text
    if not _NUMBER.fullmatch(stripped):
        raise ExpressionError(
            "E0423",
            f"{quoted(text)} is not a number",
            hint="a number is digits with at most one decimal point, such as `-12.50`",
        )
    number: Number = Decimal(stripped) if "." in stripped else int(stripped)
    if not fits(number):
        raise _bounds_error()
    return drop_negative_zero(number)


def _integer(value: object) -> int:
    number = _number(value)
    if not fits(number):
        raise _bounds_error()
    if number != int(number):
        raise ExpressionError(
            "E0423",
            f"{quoted(str(number))} is not a whole number",
            hint="round it first: `| round`",
        )
    return int(number)


def _bounds_error() -> ExpressionError:
    return ExpressionError("E0902", "a number is too large or too long", hint="40 digits at most")


_VALUE = Parameter("value", "number")
_TEXT_OR_NUMBER = Parameter("value", "scalar")
_LIST = Parameter("value", "list")

FILTERS = index_functions(
    Function(
        name="round",
        sort="filter",
        implementation=round_number,
        parameters=(_VALUE, Parameter("places", "places", 0)),
        summary="Rounded half up to decimal places; for money use `money`.",
        examples=(("2.5 | round", {}, Decimal(3)), ("-0.125 | round(2)", {}, Decimal("-0.13"))),
    ),
    Function(
        name="abs",
        sort="filter",
        implementation=_abs,
        parameters=(_VALUE,),
        summary="Without its sign.",
        examples=(("-4.20 | abs", {}, Decimal("4.20")),),
    ),
    Function(
        name="sum",
        sort="filter",
        implementation=_sum,
        parameters=(_LIST,),
        summary="The exact sum of a list of numbers; 0 of none.",
        examples=(("[0.1, 0.2] | sum", {}, Decimal("0.3")),),
    ),
    Function(
        name="min",
        sort="filter",
        implementation=_min,
        parameters=(_LIST,),
        summary="The smallest of a list of numbers.",
        examples=(("[3, 2.5] | min", {}, Decimal("2.5")),),
    ),
    Function(
        name="max",
        sort="filter",
        implementation=_max,
        parameters=(_LIST,),
        summary="The largest of a list of numbers.",
        examples=(("[3, 2.5] | max", {}, 3),),
    ),
    Function(
        name="number",
        sort="filter",
        implementation=_number,
        parameters=(_TEXT_OR_NUMBER,),
        summary="The exact number that a text holds.",
        examples=(("'19.90' | number", {}, Decimal("19.90")), ("' 007 ' | number", {}, 7)),
    ),
    Function(
        name="integer",
        sort="filter",
        implementation=_integer,
        parameters=(_TEXT_OR_NUMBER,),
        summary="A text or number as a whole number.",
        examples=(("'2' | integer", {}, 2), ("2.00 | integer", {}, 2)),
    ),
)

FUNCTIONS = index_functions(
    Function(
        name="percent",
        sort="function",
        implementation=_percent,
        parameters=(
            Parameter("part", "number"),
            Parameter("of", "number"),
            Parameter("places", "places", 4),
        ),
        summary="The part in per cent of `of`, rounded half up once; 0 of 0 is 0.",
        examples=(
            ("percent(1, of=3)", {}, Decimal("33.3333")),
            ("percent(0, of=0, places=2)", {}, Decimal("0.00")),
        ),
    ),
)
