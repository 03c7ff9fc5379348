"""Numbers as documents write them: exact, bounded, and written back unchanged.

Pure. A number whose plain form is not its text (`1e5`, `-0`, `1.0E0`) becomes
a WrittenInt or WrittenDecimal, which behaves as the number everywhere and
remembers the text. Arithmetic on it gives an ordinary number.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Self

from .exact import Number, fits, format_plain

# No number that fits needs more characters; int() and Decimal() never receive longer texts.
_LONGEST = 100
# The longest text of a float: a sign, 17 digits, a point and an exponent.
_LONGEST_FLOAT = 25
_FLOAT_DIGITS, _FLOAT_EXPONENTS = 17, (-324, 308)
_NUMERIC = re.compile(r"-?[0-9]+(?P<part>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")


class WrittenInt(int):
    """An integer that remembers how it was written; `text` is a JSON number."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Return the number that `text` writes; the caller has checked that it fits."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)


class WrittenDecimal(Decimal):
    """A decimal that remembers how it was written; `text` is a JSON number."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Return the number that `text` writes; the caller has checked that it fits."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object, /) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)


def format_as_written(number: Number) -> str:
    """Return the text that a number was read from, or else its plain notation."""
    if isinstance(number, WrittenInt | WrittenDecimal):
        return number.text
    return format_plain(number)


def is_numeric(text: str) -> bool:
    """Return whether a text is a number: `-19.90`, `1e5`; no blanks, separators or other digits."""
    return _NUMERIC.fullmatch(text) is not None


def parse_number(text: str) -> Number | None:
    """Return the number of a numeric text: an int unless it has a fraction or an exponent.

    None when it does not fit (`exact.fits`).
    """
    match = _NUMERIC.fullmatch(text)
    assert match is not None
    is_whole = match["part"] is None and match["exponent"] is None
    return _whole(text) if is_whole else _decimal(text)


def parse_integer(text: str) -> int | None:
    """Return the integer of a JSON number without fraction and exponent; None when it does not fit."""
    number = _whole(text)
    return number if number is None or str(number) == text else WrittenInt(text)


def parse_decimal(text: str) -> Decimal | None:
    """Return the decimal of a JSON number with fraction or exponent; None when it does not fit.

    The rest of a computation with floats (`5.551115123125783e-17`) is read, and written as it was: it
    matters only where it is used, and there it does not fit.
    """
    number = _decimal(text)
    if number is None:
        return WrittenDecimal(text) if is_float_remainder(text) else None
    return number if format_plain(number) == text else WrittenDecimal(text)


def is_float_remainder(text: str) -> bool:
    """Return whether a text is a number as programs write their floats: 17 digits, in their range."""
    if len(text) > _LONGEST_FLOAT:
        return False
    try:
        number = Decimal(text)
    except ArithmeticError:
        return False
    in_range = _FLOAT_EXPONENTS[0] <= number.adjusted() <= _FLOAT_EXPONENTS[1]
    return in_range and len(number.as_tuple().digits) <= _FLOAT_DIGITS


def _whole(text: str) -> int | None:
    if len(text) > _LONGEST:
        return None
    number = int(text)
    return number if fits(number) else None


def _decimal(text: str) -> Decimal | None:
    if len(text) > _LONGEST:
        return None
    try:
        number = Decimal(text)
    except ArithmeticError:  # an exponent beyond what decimals can hold at all
        return None
    return number if fits(number) else None
