"""The way most documents take: JSON read and written in C, by msgspec, or doubted.

Pure. Each function gives exactly what the reference (reading.py, writing.py)
gives, or raises one of DOUBTS: then the reference decides, and words what is
wrong. A doubt costs time, never truth, so the tests here may be coarse; they
may not be too kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from msgspec.json import Decoder, Encoder

from .shape import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES

DOUBTS = (ValueError, TypeError, ArithmeticError, RecursionError)

# As many characters of one number certainly fit: at most 28 digits, and as many places.
_SURE = 28
_LONG = b"0" * (_SURE + 1)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
# An escape that hides a colon or a minus, both of which are counted.
_HIDDEN = re.compile(rb"\\u00(?:3[aA]|2[dD])")
# How a decimal is written that is not written plainly: 1E+2, 1E-7. The E stands first, and what
# is before it is looked at afterwards, because a search for one character is a fast one.
_EXPONENT = re.compile(rb"E(?<=[0-9]E)[+-][0-9]")

# Every digit and point becomes a 0, so that a long number is a run of them.
_OUTLINE = bytes.maketrans(b"123456789.", b"0000000000")
# A round takes away one level of brackets, or two; no document meant for us has more.
_ROUNDS = MAX_DEPTH // 4
_NOT_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))

_LEAVES = frozenset({str, int, bool, type(None), Decimal})
_LISTS = frozenset({list, tuple})
_KEYS = frozenset({str})


def read_quickly(data: bytes) -> object:
    """What `read_json(decode_json(name, data))` gives, or a doubt.

    The library takes keys twice, reads `-0` as 0, and bounds nothing: the text
    is bounded before it is read, and what was read is written again and
    compared with it.
    """
    if len(data) > MAX_CHARACTERS or _too_many(data) or not _shallow(data):
        raise ValueError("too large or nested too deeply, perhaps")
    data = data.removeprefix(_BYTE_ORDER_MARK)
    return _read_escaped(data) if b"\\" in data else _read_plain(data)


def _read_plain(data: bytes) -> object:
    """Read a text without escapes: but for blanks it is what the encoder makes of its data.

    So no key stood twice, and each number is its plain form.
    """
    value: object = _decode(data)
    again = _encode(value)
    if data != again and data.translate(None, _BLANKS) != again.translate(None, _BLANKS):
        raise ValueError("a key stands twice, or a number was not written plainly")
    _look_at_numbers(again)
    return value


def _read_escaped(data: bytes) -> object:
    """Read a text with escapes, which may come back as characters: what could be lost is counted.

    A key that stood twice has lost a colon, a `-0` its minus.
    """
    if _HIDDEN.search(data):
        raise ValueError("the counts would not tell")
    value: object = _decode_warily(data)
    again = _encode(value)
    if data.count(b":") != again.count(b":") or data.count(b"-") != again.count(b"-"):
        raise ValueError("a key stands twice, or a number was not written plainly")
    _look_at_numbers(again)
    return value


def write_quickly(value: object) -> bytes:
    """What `write_json(value).encode()` gives, or a doubt."""
    _look_at_kinds((value,), MAX_DEPTH)
    text = _encode(value)
    _look_at_numbers(text)
    if b"NaN" in text or b"Infinity" in text:
        raise ValueError("not finite, perhaps")
    return text


def write_plain(value: object) -> bytes:
    """The same for a value that is known to hold nothing but JSON's own kinds, or a doubt."""
    text = _encode(value)
    _look_at_numbers(text)
    return text


def is_plain(value: object, levels: int) -> bool:
    """Whether a value of at most so many levels holds nothing but JSON's own kinds.

    A number that remembers how it was written is of another kind.
    """
    try:
        _look_at_kinds((value,), levels)
    except DOUBTS:
        return False
    return True


def _decimal(text: str) -> Decimal:
    """The decimal of a short text without exponent: its plain form is the text."""
    # long ones would be found later, but converting them may take long
    if len(text) > _SURE or "e" in text or "E" in text:
        raise ValueError("a number that does not fit, or remembers how it was written")
    return Decimal(text)


_decode = Decoder(float_hook=Decimal).decode
_decode_warily = Decoder(float_hook=_decimal).decode
_encode = Encoder(decimal_format="number").encode


def _too_many(data: bytes) -> bool:
    """Whether a text may hold too many values; what stands in texts is counted, too."""
    if len(data) <= MAX_VALUES:
        return False
    return data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES


def _shallow(data: bytes) -> bool:
    """True only for a text that is not nested deeper than 200 levels."""
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return True
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(data.translate(None, _NOT_BRACKETS).split(b'"')[::2])
    if 2 * (brackets.count(b"{") + brackets.count(b"[")) != len(brackets):
        return False  # not well-formed, and perhaps made to keep the rounds below busy
    for _ in range(_ROUNDS):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def _look_at_numbers(text: bytes) -> None:
    """Doubt a text of the encoder where a number is long or has an exponent."""
    if _LONG in text.translate(_OUTLINE) or _EXPONENT.search(text):
        raise ValueError("a number that does not fit, or is not written plainly")


def _look_at_kinds(entries: Iterable[Any], levels: int) -> None:
    """Doubt what JSON does not have: floats, dates, sets, keys that are no texts, deep nesting.

    The library would write all of them. Only exact kinds pass, because what a
    subclass is written as is for the reference to say.
    """
    if levels < 0:
        raise ValueError("nested too deeply, perhaps")
    for entry in entries:
        kind = type(entry)
        if kind in _LEAVES:
            continue
        if kind is dict:
            if not _KEYS.issuperset(map(type, entry)):
                raise TypeError("a key is no plain text")
            _look_at_kinds(entry.values(), levels - 1)
        elif kind in _LISTS:
            _look_at_kinds(entry, levels - 1)
        else:
            raise TypeError("no plain JSON value")
