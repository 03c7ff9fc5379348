"""Findings: what is wrong, where, and what to do about it.

A finding is a value. Findings are collected so that an author sees every
mistake at once; the caller decides how they are shown. No I/O: a place carries
the text that it points into.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error stops a payload, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, eq=False)
class SourceText:
    """A text that findings point into: the name shown to people, and its content."""

    name: str
    content: str
    # Where lines start; an array, because a text may have millions of them.
    _starts: array[int] = field(default_factory=lambda: array("I"), init=False, repr=False)

    def line_starts(self) -> Sequence[int]:
        """Return the offset of each line's first character; computed once."""
        if not self._starts:
            self._starts.append(0)
            self._starts.extend(match.end() for match in re.finditer("\n", self.content))
        return self._starts

    def line(self, number: int) -> str:
        """Return the line with this 1-based number, without its newline; empty if there is none."""
        starts = self.line_starts()
        if not 1 <= number <= len(starts):
            return ""
        start = starts[number - 1]
        end = self.content.find("\n", start)
        return self.content[start : None if end < 0 else end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line of a text; line and column count from 1, in characters."""

    text: SourceText
    line: int = 1
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.text.name}:{self.line}:{self.column}"

    def shifted(self, offset: int, length: int) -> Place:
        """Return the place of a part of this stretch, `offset` characters further on."""
        return replace(self, column=self.column + offset, length=max(1, length))


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic.

    `code` is a key of `codes.CODES`. `subject` names what was being read or rendered
    ("order EX-1001", "tenant dodici"); `trail` is the position in the payload or the spec
    ("lines.item[3].rate"). `lookup` names the lookup that has no entry for a key. `related` are
    further places that have to do with it, each with what is there.
    """

    code: str
    message: str
    place: Place | None = None
    hint: str | None = None
    severity: Severity = Severity.ERROR
    subject: str | None = None
    trail: str | None = None
    lookup: str | None = None
    related: tuple[tuple[Place, str], ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the finding stops a payload."""
        return self.severity is Severity.ERROR


def select_errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return only the findings that stop a payload."""
    return tuple(finding for finding in findings if finding.is_error)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Drop repetitions and sort by text, line and column; findings without a place come last."""

    def key(finding: Finding) -> tuple[bool, str, int, int]:
        place = finding.place
        if place is None:
            return (True, "", 0, 0)
        return (False, place.text.name, place.line, place.column)

    unique = {(str(f.place), f.code, f.message, f.subject, f.trail): f for f in findings}
    return tuple(sorted(unique.values(), key=key))
