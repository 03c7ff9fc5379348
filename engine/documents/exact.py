"""Exact numbers: integers and decimals, never floats.

One explicit decimal context (40 digits, exponents within ±30), never the
ambient one. Sums, differences and products that do not fit are refused, not
rounded; rounding happens only where a rule of the language says so.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_HALF_UP,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
)
from typing import TypeGuard

from ..findings.errors import ExpressionError

Number = int | Decimal

MAX_DIGITS = 40
MAX_EXPONENT = 30
_LARGEST: int = 10**MAX_DIGITS

_TRAPS = [InvalidOperation, DivisionByZero, Overflow, Underflow, Subnormal, Clamped]

ROUNDING = Context(
    prec=MAX_DIGITS, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=_TRAPS
)
# Well inside the bounds: a number that this context holds without a signal certainly fits.
USUAL = Context(
    prec=28,
    rounding=ROUND_HALF_UP,
    Emin=0,
    Emax=MAX_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow, Inexact, Rounded, Clamped],
)
EXACT = ROUNDING.copy()
EXACT.traps[Inexact] = True

# By decimal places: 1, 0.1, 0.01, …
UNITS = tuple(Decimal((0, (1,), -places)) for places in range(MAX_EXPONENT + 1))


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Return whether a value is an int or Decimal; a boolean is not a number here."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def to_decimal(value: object) -> Decimal | None:
    """Return a number, or the number in a text, as an exact decimal; None unless it is finite."""
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return Decimal(value) if is_number(value) else None


def fits(number: Number) -> bool:
    """Return whether a number is finite, has at most 40 digits and an exponent within ±30."""
    if isinstance(number, int):
        return -_LARGEST < number < _LARGEST
    try:
        # Most numbers are far within the bounds; this test does not take them apart.
        return USUAL.plus(number).is_finite()
    except ArithmeticError:
        pass
    _, digits, exponent = number.as_tuple()
    in_bounds = isinstance(exponent, int) and -MAX_EXPONENT <= exponent <= MAX_EXPONENT
    return in_bounds and len(digits) <= MAX_DIGITS


def check_bounds(number: Number) -> Number:
    """Return the number itself; raise ExpressionError (E0902) when it does not fit."""
    if fits(number):
        return number
    raise _bounds_error()


def round_half_up(number: Number, places: int) -> Decimal:
    """Return `number` rounded half up to `places` decimal places (0 to 30)."""
    return ROUNDING.quantize(ROUNDING.create_decimal(number), UNITS[places])


def format_plain(number: Number) -> str:
    """Return the number in plain notation, trailing zeros kept: `19.90`, never `1.99E+1`."""
    return str(number) if isinstance(number, int) else format(number, "f")


def add(left: Number, right: Number) -> Number:
    """Return the exact sum; raise ExpressionError (E0902) when it does not fit."""
    if isinstance(left, int) and isinstance(right, int):
        return check_bounds(left + right)
    return _apply_exact(EXACT.add, left, right)


def subtract(left: Number, right: Number) -> Number:
    """Return the exact difference; raise ExpressionError (E0902) when it does not fit."""
    if isinstance(left, int) and isinstance(right, int):
        return check_bounds(left - right)
    return _apply_exact(EXACT.subtract, left, right)


def multiply(left: Number, right: Number) -> Number:
    """Return the exact product; raise ExpressionError (E0902) when it does not fit."""
    if isinstance(left, int) and isinstance(right, int):
        return check_bounds(left * right)
    return _apply_exact(EXACT.multiply, left, right)


def divide(left: Number, right: Number) -> Decimal:
    """Return the quotient as a decimal with at most 30 places.

    Raise ExpressionError (E0903) for a division by zero, (E0902) when it does not fit.
    """
    if right == 0:
        raise ExpressionError("E0903", "division by zero", hint="guard it: `x / y if y else 0`")
    try:
        quotient = ROUNDING.divide(Decimal(left), Decimal(right))
    except ArithmeticError as error:
        raise _bounds_error() from error
    if _exponent(quotient) < -MAX_EXPONENT:
        quotient = round_half_up(quotient, MAX_EXPONENT)
    if not fits(quotient):
        raise _bounds_error()
    return quotient


def _apply_exact(
    operation: Callable[[Decimal, Decimal], Decimal], left: Number, right: Number
) -> Number:
    """Apply an exact operation; the context refuses more than 40 digits in the result.

    The operands were checked when they were read.
    """
    try:
        return check_bounds(operation(Decimal(left), Decimal(right)))
    except ArithmeticError as error:
        raise _bounds_error() from error


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def _bounds_error() -> ExpressionError:
    return ExpressionError(
        "E0902",
        f"a number needs more than {MAX_DIGITS} digits or an exponent beyond ±{MAX_EXPONENT}",
        hint="round it first: `value | round(2)`",
    )
