"""Offsets in a text as places with line and column. Pure."""

from __future__ import annotations

from ..findings.diagnostics import Place, SourceText


def place_of(text: SourceText, offset: int, length: int = 1) -> Place:
    """Return the place of the `length` characters from `offset` on, cut at the end of their line."""
    content = text.content
    line = content.count("\n", 0, offset) + 1
    column = offset - content.rfind("\n", 0, offset)
    end = content.find("\n", offset)
    rest = (len(content) if end < 0 else end) - offset
    return Place(text=text, line=line, column=column, length=max(1, min(length, rest)))
