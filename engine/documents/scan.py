"""The second scan of a JSON text: the place of everything that the parser wrongly accepts.

Pure and linear; used only when the first, faster reading had doubts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..findings.diagnostics import Finding, SourceText
from ..findings.quote import quoted
from .exact import MAX_DIGITS, MAX_EXPONENT
from .numbers import is_float_remainder, is_numeric, parse_number
from .places import place_of
from .shape import TOKEN

_CONSTANTS = ("NaN", "Infinity", "-Infinity")

# The keys of one open map with the offset of each; None for an open list.
Open = dict[str, int] | None


def find_flaws(text: SourceText) -> Iterator[Finding]:
    """Yield duplicate keys (E0503), NaN and Infinity (E0504), numbers that do not fit (E0505)."""
    containers: list[Open] = []
    before = ""
    for match in TOKEN.finditer(text.content):
        piece = match[0]
        if piece in "{[":
            containers.append({} if piece == "{" else None)
        elif piece in "}]":
            del containers[-1:]
        elif piece[0] == '"':
            keys = containers[-1] if containers and before in "{," else None
            yield from _check_duplicate(text, match, keys)
        else:
            yield from _check_number(text, match)
        before = piece


def _check_duplicate(text: SourceText, match: re.Match[str], keys: Open) -> Iterator[Finding]:
    if keys is None:
        return
    try:
        key = json.loads(match[0])
    except ValueError:  # a broken text is the parser's finding
        return
    first = keys.setdefault(key, match.start())
    if first != match.start():
        yield Finding(
            "E0503",
            f"the key {quoted(key)} appears twice in one map",
            place_of(text, match.start(), len(match[0])),
            hint=f"the first one is in line {place_of(text, first).line}; keep one of them",
        )


def _check_number(text: SourceText, match: re.Match[str]) -> Iterator[Finding]:
    """Yield the finding about one word; a place is costly, so only a wrong word gets one."""
    word = match[0]
    if word in _CONSTANTS:
        place = place_of(text, match.start(), len(word))
        yield Finding("E0504", f"{word} is not a JSON number", place, hint="send null instead")
    elif is_numeric(word) and parse_number(word) is None and not is_float_remainder(word):
        place = place_of(text, match.start(), len(word))
        message = (
            f"a number needs more than {MAX_DIGITS} digits or an exponent beyond ±{MAX_EXPONENT}"
        )
        yield Finding("E0505", message, place, hint="if it is an identifier, send it as a text")
