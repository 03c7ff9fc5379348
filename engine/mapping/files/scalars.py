"""The value of a YAML scalar, and the place of each of its characters in the text.

The rules are YAML 1.2's core schema, exact, with one rule of our own: an
unquoted number with leading zeros (`00501`, `-007`, `00.5`) stays text, because it
is a postal code, a store or an account, and 501 would lose the zeros.
`NO`, `12:30:45` and `2026-12-01` are text by the core schema. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice

from ...documents.exact import MAX_DIGITS, MAX_EXPONENT, Number, fits
from ...findings.diagnostics import Place, SourceText
from ...findings.errors import ExpressionError
from ...findings.quote import quoted

ScalarValue = str | int | Decimal | bool | None

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(NULLS),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_BROKEN = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_UNREAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MAX_WRITTEN = 200  # characters; longer numbers are out of bounds without being computed


def read_plain_scalar(text: str) -> ScalarValue:
    """Return the value of an unquoted scalar: None, a boolean, int, Decimal, or the text itself.

    Raise ExpressionError (E0115) for infinities, not-a-numbers, and numbers that do not fit
    (`documents.exact`).
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _UNREAL.fullmatch(text):
        raise _bounds_error(text)
    for written, read in _NUMBERS.items():
        if written.fullmatch(text):
            return _read_number(text, read)
    return text


def _read_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _bounds_error(text) from error


def _read_based(text: str) -> int:
    return int(text, 0)


_NUMBERS: dict[re.Pattern[str], Callable[[str], Number]] = {
    _WHOLE: int,
    _BASED: _read_based,
    _BROKEN: _read_decimal,
}


def _read_number(text: str, read: Callable[[str], Number]) -> Number:
    if len(text) > _MAX_WRITTEN:
        raise _bounds_error(text)
    number = read(text)
    if not fits(number):
        raise _bounds_error(text)
    return number


def _bounds_error(text: str) -> ExpressionError:
    return ExpressionError(
        "E0115",
        f"the number {quoted(text)} is out of bounds",
        hint=f"at most {MAX_DIGITS} digits and an exponent within ±{MAX_EXPONENT}; "
        "put quotes around it if it is a text",
        length=len(text),
    )


@dataclass(frozen=True, slots=True)
class ScalarLines:
    """The starts of the lines of a text; they turn character indexes into places."""

    text: SourceText
    starts: Sequence[int]

    @classmethod
    def of(cls, text: SourceText) -> ScalarLines:
        """Find the lines of `text`; a line ends with a line feed."""
        return cls(text, text.line_starts())

    def place(self, start: int, end: int) -> Place:
        """Return the place of the characters from `start` to `end`, cut at the end of the line."""
        number = bisect_right(self.starts, start)
        column = start - self.starts[number - 1] + 1
        return Place(
            text=self.text,
            line=number,
            column=column,
            length=max(1, min(end, self.end_of_line(start)) - start),
        )

    def end_of_line(self, index: int) -> int:
        """Return the end of the line that holds the character `index`, before its line feed."""
        number = bisect_right(self.starts, index)
        at_last = number == len(self.starts)
        return len(self.text.content) if at_last else self.starts[number] - 1


# The notation of one visible character of the value, in each style. White space is left out,
# because line folding and indentation change it, and nothing else.
_UNIT = re.compile(r"[^ \t\r\n]")
_UNITS = {
    "'": re.compile(r"''|[^ \t\r\n]"),
    '"': re.compile(
        r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
        r"|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n|.)|[^ \t\r\n]",
        re.DOTALL,
    ),
}
_BLANK_ESCAPE = re.compile(r"\\(?:[nrt \t\r\n]|\r\n|(?:x|u00|U000000)(?:09|0[aA]|0[dD]|20))")
_BLANKS = " \t\r\n"
_NO_BLANKS = str.maketrans("", "", _BLANKS)


def locate_characters(
    raw: str, style: str, value: str, *, offset: int, length: int
) -> tuple[int, int]:
    """Return start and end of `value[offset:offset + length]` in `raw`, the scalar as written.

    `style` is `""` for a plain scalar, else its first character: `'`, `"`, `|` or `>`. The visible
    characters of a value have the same order in `raw`, so they are counted.
    """
    start, _ = _locate_character(raw, style, value, offset)
    _, end = _locate_character(raw, style, value, offset + max(1, length) - 1)
    return start, max(start + 1, end)


def _locate_character(raw: str, style: str, value: str, offset: int) -> tuple[int, int]:
    before = value[:offset]
    seen = len(before.translate(_NO_BLANKS))
    if value[offset : offset + 1].strip(_BLANKS):
        return _locate_unit(raw, style, seen)
    blanks = len(before) - len(before.rstrip(_BLANKS))
    _, end = _locate_unit(raw, style, seen - 1) if seen else (0, _body_start(raw, style))
    return end + blanks, end + blanks + 1


def _locate_unit(raw: str, style: str, number: int) -> tuple[int, int]:
    stop = len(raw) - 1 if style in _UNITS else len(raw)
    units = _UNITS.get(style, _UNIT).finditer(raw, _body_start(raw, style), stop)
    visible = (unit.span() for unit in units if not _BLANK_ESCAPE.fullmatch(unit.group()))
    return next(islice(visible, number, None), (0, 1))


def _body_start(raw: str, style: str) -> int:
    return raw.find("\n") + 1 if style in {"|", ">"} else len(style)
