"""Data becomes JSON text: deterministic, exact, keys in their order.

Pure. Only JSON values are written; a float, a date or a key that is not a text
is an error of the program, hence a TypeError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..findings.errors import ExpressionError
from .exact import MAX_DIGITS, MAX_EXPONENT, Number, fits
from .fast import DOUBTS, write_plain, write_quickly
from .numbers import WrittenDecimal, WrittenInt, format_as_written
from .shape import MAX_DEPTH

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS = {None: "null", True: "true", False: "false"}
_text = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class _Output:
    """The function that receives the pieces, and the indentation."""

    put: Callable[[str], None]
    indent: int | None
    colon: str

    def new_line(self, depth: int) -> str:
        return "" if self.indent is None else "\n" + " " * (self.indent * depth)


def write_json(value: object, *, indent: int | None = None) -> str:
    """Return the JSON text of a value: compact, or with `indent` blanks for each level.

    An unchanged number is written as it was read, any other in plain notation.
    Only lone surrogates are escaped. Raise ExpressionError for a value nested
    deeper than 200 levels (E0506) or a number that does not fit (E0505), and
    TypeError for anything that is not a JSON value.
    """
    if indent is None:
        with suppress(*DOUBTS):
            return write_quickly(value).decode("utf-8")
    return write_reference(value, indent)


def write_json_bytes(value: object, *, is_plain: bool = False) -> bytes:
    """Do the same as `write_json(value).encode()`, without building the text first.

    `is_plain` is true when the value is known to hold only JSON's own kinds, in at most 200
    levels, so that it need not be checked.
    """
    with suppress(*DOUBTS):
        return write_plain(value) if is_plain else write_quickly(value)
    return write_reference(value, None).encode("utf-8")


def write_reference(value: object, indent: int | None) -> str:
    """Write any value as `write_json` promises; tests compare fast.py with this function."""
    pieces: list[str] = []
    _write(_Output(pieces.append, indent, ":" if indent is None else ": "), value, 0)
    return _SURROGATE.sub(_escaped, "".join(pieces))


def _write(output: _Output, value: object, depth: int) -> None:
    _WRITERS.get(type(value), _write_other)(output, value, depth)


def _write_map(output: _Output, value: Mapping[object, object], depth: int) -> None:
    if not value:
        return output.put("{}")
    before = "{" + _enter_level(output, depth)
    for key, member in value.items():
        if not isinstance(key, str):
            raise TypeError(f"a key of a JSON map is a text, not a {type(key).__name__}")
        output.put(before + _text(key) + output.colon)
        _write(output, member, depth + 1)
        before = "," + output.new_line(depth + 1)
    return output.put(output.new_line(depth) + "}")


def _write_list(output: _Output, value: Sequence[object], depth: int) -> None:
    if not value:
        return output.put("[]")
    before = "[" + _enter_level(output, depth)
    for entry in value:
        output.put(before)
        _write(output, entry, depth + 1)
        before = "," + output.new_line(depth + 1)
    return output.put(output.new_line(depth) + "]")


def _write_text(output: _Output, value: str, _depth: int) -> None:
    output.put(_text(value))


def _write_number(output: _Output, value: Number, _depth: int) -> None:
    if not fits(value) and not isinstance(value, WrittenDecimal):
        raise ExpressionError(
            "E0505",
            f"a number needs more than {MAX_DIGITS} digits or an exponent beyond ±{MAX_EXPONENT}",
            hint="round it, or write it as a text",
        )
    output.put(format_as_written(value))


def _write_constant(output: _Output, value: Any, _depth: int) -> None:
    output.put(_CONSTANTS[value])


def _write_other(output: _Output, value: object, depth: int) -> None:
    """Write a subclass as its nearest base class that JSON has; a float has none."""
    for kind in type(value).__mro__:
        if kind in _WRITERS:
            return _WRITERS[kind](output, value, depth)
    raise TypeError(f"a {type(value).__name__} is not a JSON value")


def _enter_level(output: _Output, depth: int) -> str:
    if depth >= MAX_DEPTH:
        raise ExpressionError(
            "E0506",
            f"a value is nested deeper than {MAX_DEPTH} levels",
            hint="build the payload from fields, not from values within values",
        )
    return output.new_line(depth + 1)


def _escaped(surrogate: re.Match[str]) -> str:
    return f"\\u{ord(surrogate[0]):04x}"


_WRITERS: dict[type, Callable[[_Output, Any, int], None]] = {
    dict: _write_map,
    list: _write_list,
    tuple: _write_list,
    str: _write_text,
    bool: _write_constant,
    type(None): _write_constant,
    int: _write_number,
    Decimal: _write_number,
    WrittenInt: _write_number,
    WrittenDecimal: _write_number,
}
