"""The values of constants: quoted texts, exact numbers, names. Pure and bounded."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from ...documents.exact import MAX_DIGITS, MAX_EXPONENT, Number, fits
from ...findings.errors import ExpressionError
from ...findings.quote import quoted, shortened

_N = TypeVar("_N", int, Decimal)

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}


def check_characters(text: str) -> None:
    """Raise ExpressionError (E0408) for half of a surrogate pair."""
    half = _SURROGATE.search(text)
    if half:
        raise _half_character_error(half.start())


def read_token_value(kind: str, written: str) -> object:
    """Return the value of a token of one of Jinja's kinds; other tokens are their own text.

    Raise ExpressionError (E0401, E0408, E0902), without a place.
    """
    read = _VALUES.get(kind)
    return written if read is None else read(written)


def _identifier(written: str) -> str:
    if not written.isidentifier():
        raise template_error(f"{quoted(written)} is not a name", 0)
    return written


def _string(written: str) -> str:
    value = _ESCAPE.sub(_unescape, written[1:-1])
    check_characters(value)
    return value


def _unescape(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        code = int(escape[1:], 16)
        if code <= 0x10FFFF:
            return chr(code)
    elif escape in _ESCAPED:
        return _ESCAPED[escape]
    raise template_error(
        f"`\\{shortened(escape)}` is not an escape", 0, hint="a backslash is written `\\\\`"
    )


def _integer(written: str) -> int:
    digits = written.replace("_", "")
    if len(digits) > MAX_DIGITS + 10:
        raise _bounds_error()
    return _check_bounds(int(digits, 0))


def _decimal(written: str) -> Number:
    if len(written) > 2 * MAX_DIGITS:
        raise _bounds_error()
    try:
        return _check_bounds(Decimal(written.replace("_", "")))
    except ArithmeticError as error:
        raise _bounds_error() from error


def _check_bounds(number: _N) -> _N:
    if not fits(number):
        raise _bounds_error()
    return number


_VALUES: dict[str, Callable[[str], object]] = {
    "name": _identifier,
    "string": _string,
    "integer": _integer,
    "float": _decimal,
}


def template_error(
    message: str, offset: int, *, length: int = 1, hint: str | None = None
) -> ExpressionError:
    """Return the error (E0401) for a text that cannot be parsed; Jinja's messages are adapted."""
    words = message[:1].lower() + message[1:].rstrip(".")
    words = words.replace("end of template", "end of the expression")
    return ExpressionError("E0401", shortened(words, 120), hint=hint, offset=offset, length=length)


def _bounds_error() -> ExpressionError:
    return ExpressionError(
        "E0902",
        f"a number has more than {MAX_DIGITS} digits or an exponent beyond ±{MAX_EXPONENT}",
        hint="if it is an identifier, write it as a text in quotes",
    )


def _half_character_error(offset: int) -> ExpressionError:
    return ExpressionError(
        "E0408",
        "half of a surrogate pair is not a character",
        hint="write the character itself, or `\\U` and eight digits",
        offset=offset,
    )
