"""The fast path for most documents: JSON read and written in C, by msgspec, or a doubt.

Pure. Each function returns exactly what the reference (read.py, write.py) returns, or
raises one of DOUBTS: then the caller uses the reference, which also words the error. A
needless doubt only costs time, so the checks here may be too strict, never too lenient.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from msgspec.json import Decoder, Encoder

from .shape import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES

DOUBTS = (ValueError, TypeError, ArithmeticError, RecursionError)

# A number of at most this many characters certainly fits: 28 digits and as many places at most.
_SURE = 28
_LONG = b"0" * (_SURE + 1)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
# An escape that stands for a colon or a minus, both of which are counted.
_HIDDEN = re.compile(rb"\\u00(?:3[aA]|2[dD])")
# A decimal in scientific notation: 1E+2, 1E-7. The pattern begins with the E and looks back at the
# digit before it, because a search for one character is fast.
_EXPONENT = re.compile(rb"E(?<=[0-9]E)[+-][0-9]")

# Every digit and point becomes a 0, so that a long number is a run of zeros.
_OUTLINE = bytes.maketrans(b"123456789.", b"0000000000")
# A round removes one or two levels of brackets; no expected document is nested more deeply.
_ROUNDS = MAX_DEPTH // 4
_NOT_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))

_LEAVES = frozenset({str, int, bool, type(None), Decimal})
_LISTS = frozenset({list, tuple})
_KEYS = frozenset({str})


def read_quickly(data: bytes) -> object:
    """Return what `read_json(decode_json(name, data))` returns, or raise a doubt.

    The library accepts duplicate keys, reads `-0` as 0, and has no bounds: so the
    text is bounded before it is read, and the data is written again and compared
    with the text.
    """
    if len(data) > MAX_CHARACTERS or _may_hold_too_many(data) or not _is_shallow(data):
        raise ValueError("too large or nested too deeply, perhaps")
    data = data.removeprefix(_BYTE_ORDER_MARK)
    return _read_escaped(data) if b"\\" in data else _read_plain(data)


def _read_plain(data: bytes) -> object:
    """Read a text without escapes: apart from blanks it must equal its data encoded again.

    That proves that no key is duplicated, and that each number is in plain form.
    """
    value: object = _decode(data)
    again = _encode(value)
    if data != again and data.translate(None, _BLANKS) != again.translate(None, _BLANKS):
        raise ValueError("a key is duplicated, or a number is not in plain form")
    _check_numbers(again)
    return value


def _read_escaped(data: bytes) -> object:
    """Read a text with escapes, which the encoder may write as characters: colons and minuses are counted.

    A duplicate key has lost a colon, a `-0` its minus.
    """
    if _HIDDEN.search(data):
        raise ValueError("an escape changes the counts")
    value: object = _decode_warily(data)
    again = _encode(value)
    if data.count(b":") != again.count(b":") or data.count(b"-") != again.count(b"-"):
        raise ValueError("a key is duplicated, or a number is not in plain form")
    _check_numbers(again)
    return value


def write_quickly(value: object) -> bytes:
    """Return what `write_json(value).encode()` returns, or raise a doubt."""
    _check_kinds((value,), MAX_DEPTH)
    text = _encode(value)
    _check_numbers(text)
    if b"NaN" in text or b"Infinity" in text:
        raise ValueError("not finite, perhaps")
    return text


def write_plain(value: object) -> bytes:
    """Do the same as `write_quickly` for a value that holds only JSON's own kinds."""
    text = _encode(value)
    _check_numbers(text)
    return text


def is_plain(value: object, levels: int) -> bool:
    """Return whether a value has at most `levels` levels and holds only JSON's own kinds.

    A number that remembers its text (WrittenInt, WrittenDecimal) is of another kind.
    """
    try:
        _check_kinds((value,), levels)
    except DOUBTS:
        return False
    return True


def _decimal(text: str) -> Decimal:
    """Return the decimal of a short text without exponent: its plain form is the text."""
    # A later check would find long numbers, too, but their conversion may take long.
    if len(text) > _SURE or "e" in text or "E" in text:
        raise ValueError("a number that does not fit, or is not in plain form")
    return Decimal(text)


_decode = Decoder(float_hook=Decimal).decode
_decode_warily = Decoder(float_hook=_decimal).decode
_encode = Encoder(decimal_format="number").encode


def _may_hold_too_many(data: bytes) -> bool:
    """Return whether a text may hold too many values; commas and brackets in strings count, too."""
    if len(data) <= MAX_VALUES:
        return False
    return data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES


def _is_shallow(data: bytes) -> bool:
    """Return true only for a text that is not nested deeper than 200 levels."""
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return True
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(data.translate(None, _NOT_BRACKETS).split(b'"')[::2])
    if 2 * (brackets.count(b"{") + brackets.count(b"[")) != len(brackets):
        return False  # not well-formed; a hostile text could make the rounds below slow
    for _ in range(_ROUNDS):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def _check_numbers(text: bytes) -> None:
    """Raise a doubt when a number in an encoded text is long or has an exponent."""
    if _LONG in text.translate(_OUTLINE) or _EXPONENT.search(text):
        raise ValueError("a number that does not fit, or is not in plain form")


def _check_kinds(entries: Iterable[Any], levels: int) -> None:
    """Raise a doubt for what JSON does not have: floats, dates, sets, non-text keys, deep nesting.

    The library would write all of them. Only exact types pass; the reference decides how a
    subclass is written.
    """
    if levels < 0:
        raise ValueError("nested too deeply, perhaps")
    for entry in entries:
        kind = type(entry)
        if kind in _LEAVES:
            continue
        if kind is dict:
            if not _KEYS.issuperset(map(type, entry)):
                raise TypeError("a key is not a plain text")
            _check_kinds(entry.values(), levels - 1)
        elif kind in _LISTS:
            _check_kinds(entry, levels - 1)
        else:
            raise TypeError("not a plain JSON value")
