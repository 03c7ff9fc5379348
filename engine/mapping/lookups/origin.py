"""The origin of a table's entries, for the findings about them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...findings.diagnostics import Place, SourceText


@dataclass(frozen=True, slots=True)
class Origin:
    """The lines of a text (`lines_of`) with its `columns`, or data that has only one `place`."""

    place: Place | None = None
    lines_of: SourceText | None = None
    columns: tuple[str, ...] = ()

    def label(self, number: int) -> str:
        """Return the name of the entry with this number: `line 7`, `row 3`."""
        return f"{'row' if self.lines_of is None else 'line'} {number}"

    def place_at(self, number: int) -> Place | None:
        """Return the place of the entry with this number, as exactly as it is known."""
        if self.lines_of is None:
            return self.place
        return Place(
            text=self.lines_of,
            line=number,
            column=1,
            length=max(1, len(self.lines_of.line(number))),
        )
