"""Cut the line of a finding, with a caret under the place; the result is safe to print."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ...findings.diagnostics import Place

WIDTH = 100
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of a text: its number, the visible part, and the caret line below."""

    number: int
    line: str
    caret: str


def cut_excerpt(place: Place) -> Excerpt | None:
    """Return the line at a place; cut a long line around the place, replace harmful characters."""
    raw = place.text.line(place.line)
    if not raw.strip():
        return None
    start = max(0, place.column - 1 - WIDTH // 2) if len(raw) > WIDTH else 0
    visible = raw[start : start + WIDTH]
    before = visible[: place.column - 1 - start]
    marked = visible[len(before) : len(before) + place.length]
    head = _ELLIPSIS if start else ""
    tail = _ELLIPSIS if start + WIDTH < len(raw) else ""
    caret = " " * (count_columns(head) + count_columns(clean(before))) + "^" * max(
        1, count_columns(clean(marked))
    )
    return Excerpt(place.line, head + clean(visible) + tail, caret)


def clean(text: str) -> str:
    """Replace control, direction-changing and unpaired characters by a visible one."""
    return "".join(_clean_character(character) for character in text)


def count_columns(text: str) -> int:
    """Return the number of terminal columns of a text."""
    return sum(_width(character) for character in text)


def _clean_character(character: str) -> str:
    if character == "\t":
        return " "
    harmful = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return "·" if harmful else character


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
