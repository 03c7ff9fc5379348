"""JSON text becomes data: dict, list, str, bool, None, int and Decimal, never a float.

Pure. The standard library parses; hooks note what it accepts and JSON does not
(duplicate keys, NaN, numbers of any size). Only then a second, slower scan
finds every place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

from ..findings.diagnostics import Finding, SourceText, sort_findings
from ..findings.errors import ReadError
from .fast import DOUBTS, read_quickly
from .numbers import parse_decimal, parse_integer
from .places import place_of
from .scan import find_flaws
from .shape import check_size, check_structure

_MAX_FINDINGS = 100
_BYTE_ORDER_MARK = "\ufeff"

# The messages of the standard library's parser, reworded.
_WORDS = {
    "Expecting value": "a JSON value is expected here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting ',' delimiter": "a comma is missing here",
    "Extra data": "there is more text after the end of the document",
    "Invalid control character at": "a text contains a line break or control character",
    "Invalid \\escape": "a backslash starts no known escape",
    "Invalid \\escape: ": "a backslash starts no known escape",
    "Invalid \\uXXXX escape": "\\u is not followed by four hexadecimal digits",
    "Unterminated string starting at": "a text is opened here and never closed",
}


_HINTS = {
    "Expecting ',' delimiter": "if there is a comma, the text before it has a quote too many or too few",
    "Expecting value": 'a text needs double quotes: "AC-1"',
}


def decode_json(name: str, data: bytes) -> SourceText:
    """Decode a document as UTF-8; `name` is shown to people.

    Raise ReadError for bytes that are not UTF-8 (E0501) or too many (E0507).
    """
    _raise_findings(name, [check_size(len(data), name)])
    try:
        return SourceText(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        readable = SourceText(name, data.decode("utf-8", errors="replace"))
        place = place_of(readable, len(data[: error.start].decode("utf-8")))
        finding = Finding("E0501", f"{name} is not UTF-8", place, hint="save it as UTF-8")
        raise ReadError(f"{name} cannot be read", [finding]) from error


def read_json(text: SourceText) -> object:
    """Return the data of a JSON text; a byte order mark is accepted.

    Numbers are int or Decimal and remember how they were written. Raise ReadError
    with every finding: a text that does not parse (E0502), duplicate keys (E0503),
    NaN and Infinity (E0504), numbers that do not fit (E0505), nested too deeply
    (E0506), too large (E0507).
    """
    text = SourceText(text.name, text.content.removeprefix(_BYTE_ORDER_MARK))
    _raise_findings(text.name, [check_size(len(text.content), text.name)])
    _raise_findings(text.name, [_empty_finding(text), check_structure(text)])
    doubts: list[str] = []
    data, broken = _parse(text, doubts)
    _raise_findings(text.name, [broken, *(_find_places(text) if doubts else ())])
    return data


def read_json_bytes(name: str, data: bytes) -> object:
    """Do the same as `read_json(decode_json(name, data))`, several times as fast for most documents."""
    with suppress(*DOUBTS):
        return read_quickly(data)
    return read_json(decode_json(name, data))


def _parse(text: SourceText, doubts: list[str]) -> tuple[object, Finding | None]:
    """Return the data, or the syntax error; `doubts` receives what needs the second scan."""
    decoder = json.JSONDecoder(
        object_pairs_hook=partial(_members, doubts),
        parse_int=partial(_integer, doubts),
        parse_float=partial(_decimal, doubts),
        parse_constant=doubts.append,
    )
    try:
        return decoder.decode(text.content), None
    except json.JSONDecodeError as error:
        return None, _syntax_finding(text, error)


def _members(doubts: list[str], pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        doubts.append("a key is duplicated")
    return members


def _integer(doubts: list[str], text: str) -> object:
    number = parse_integer(text)
    if number is None:
        doubts.append("a number does not fit")
    return number


def _decimal(doubts: list[str], text: str) -> object:
    number = parse_decimal(text)
    if number is None:
        doubts.append("a number does not fit")
    return number


def _empty_finding(text: SourceText) -> Finding | None:
    if text.content.strip():
        return None
    return Finding("E0502", f"{text.name} is empty", hint="a JSON document is at least {} or []")


def _syntax_finding(text: SourceText, error: json.JSONDecodeError) -> Finding:
    comma = _trailing_comma(text.content, error.pos)
    if comma is not None:
        message = "there is a comma after the last entry"
        return Finding("E0502", message, place_of(text, comma), hint="delete the comma")
    unclosed = error.msg.startswith("Unterminated")
    at_end = error.pos >= len(text.content.rstrip())
    message = _WORDS.get(error.msg, error.msg.lower())
    hint = _HINTS.get(error.msg)
    if unclosed or at_end:
        hint = "the text seems to be cut off; fetch or copy it again"
        message = message if unclosed else "the text ends before the document does"
    end = len(text.content.rstrip())
    return Finding("E0502", message, place_of(text, min(error.pos, end)), hint=hint)


def _trailing_comma(content: str, position: int) -> int | None:
    """Return the offset of a comma before a closing bracket; Python reports it only from 3.13 on."""
    start = position if content[position : position + 1] == "," else position - 1
    before = content[: start + 1].rstrip()
    closes = content[len(before) :].lstrip()[:1] in ("]", "}")
    return len(before) - 1 if closes and before.endswith(",") else None


def _find_places(text: SourceText) -> Iterator[Finding]:
    return islice(find_flaws(text), _MAX_FINDINGS)


def _raise_findings(name: str, findings: list[Finding | None]) -> None:
    found = sort_findings(finding for finding in findings if finding is not None)
    if found:
        raise ReadError(f"{name} cannot be read", found)
