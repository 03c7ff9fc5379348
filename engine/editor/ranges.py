"""Places and offsets of ours, and the positions of an editor: lines from 0, columns in the units it counts in. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from lsprotocol import types

from ..findings.diagnostics import Place, SourceText

_BYTES_A_UNIT = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@dataclass(frozen=True, slots=True)
class Ranges:
    """Positions in one encoding: `utf-16`, where 😀 counts as two, unless the editor prefers another."""

    encoding: str = "utf-16"

    def count(self, text: str) -> int:
        """Return the length of a text in units."""
        codec, size = _BYTES_A_UNIT.get(self.encoding, _BYTES_A_UNIT["utf-16"])
        return len(text) if text.isascii() else len(text.encode(codec, "surrogatepass")) // size

    def position_at(self, text: SourceText, offset: int) -> types.Position:
        """Return the position of a character of the text."""
        offset = max(0, min(offset, len(text.content)))
        starts = text.line_starts()
        line = bisect_right(starts, offset) - 1
        return types.Position(line, self.count(text.content[starts[line] : offset]))

    def offset_at(self, text: SourceText, position: types.Position) -> int:
        """Return the offset of a position; one behind the end of its line or of the text is cut."""
        starts = text.line_starts()
        if position.line >= len(starts):
            return len(text.content)
        start, line = starts[position.line], text.line(position.line + 1)
        if line.isascii():
            return start + min(position.character, len(line))
        units = 0
        for index, character in enumerate(line):
            if units >= position.character:
                return start + index
            units += self.count(character)
        return start + len(line)

    def between(self, text: SourceText, start: int, end: int) -> types.Range:
        """Return the range from one offset to another."""
        return types.Range(self.position_at(text, start), self.position_at(text, end))

    def range_of(self, place: Place) -> types.Range:
        """Return the range of a place."""
        line = place.text.line(place.line)
        start = self.count(line[: place.column - 1])
        end = self.count(line[: place.column - 1 + place.length])
        row = place.line - 1
        return types.Range(types.Position(row, start), types.Position(row, max(start, end)))


def offset_of(place: Place) -> int:
    """Return the offset of a place in its text."""
    starts = place.text.line_starts()
    return starts[min(place.line, len(starts)) - 1] + place.column - 1
