"""How many slips are found, of those that make a case fail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .judge import Found, Verdict


@dataclass(frozen=True, slots=True)
class Share:
    """Slips planted, those that make a case fail, and of these those found at the line and elsewhere."""

    planted: int
    failing: int
    at_line: int
    elsewhere: int

    @property
    def missed(self) -> int:
        """Slips that make a case fail, and that validation does not find."""
        return self.failing - self.at_line - self.elsewhere

    @property
    def per_cent(self) -> float:
        """Slips found at the right line, of those that make a case fail."""
        return 100 * self.at_line / self.failing if self.failing else 100.0


def count_shares(verdicts: Iterable[Verdict], *, with_arithmetic: bool = True) -> Share:
    """Count the verdicts, with slips of signs, operators and rounding or without."""
    judged = [one for one in verdicts if with_arithmetic or not one.slip.is_arithmetic]
    failing = [one.found for one in judged if one.failure is not None]
    return Share(
        planted=len(judged),
        failing=len(failing),
        at_line=failing.count(Found.AT_LINE),
        elsewhere=failing.count(Found.ELSEWHERE),
    )
