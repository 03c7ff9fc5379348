"""Where the entries of a table come from, for the findings about them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...findings.diagnostics import Place, SourceText


@dataclass(frozen=True, slots=True)
class Origin:
    """The lines of a text, or rows and entries of data that stand at one place."""

    place: Place | None = None
    lines_of: SourceText | None = None

    def label(self, number: int) -> str:
        """What people call the entry with this number: `line 7`, `row 3`."""
        return f"{'row' if self.lines_of is None else 'line'} {number}"

    def place_at(self, number: int) -> Place | None:
        """The place of the entry with this number, as exactly as is known."""
        if self.lines_of is None:
            return self.place
        return Place(self.lines_of, number, 1, max(1, len(self.lines_of.line(number))))
