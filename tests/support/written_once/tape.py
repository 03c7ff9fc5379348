"""The tape of a history: it decides what happens next, and tells what it decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Tape:
    """Numbers from 0 to 255. After its end, or once `is_calm`, every decision is the harmless one."""

    numbers: Sequence[int]
    told: list[str] = field(default_factory=list)
    is_calm: bool = False
    at: int = 0

    def pick(self, *ways: str, of: int = 3) -> str:
        """One of the ways, the harmless first: it is twice as likely as all others `of` times together."""
        if self.is_calm or self.at >= len(self.numbers):
            return ways[0]
        number = self.numbers[self.at]
        self.at += 1
        others = ways[1:]
        if not others or number % (of + 1) < of:
            return ways[0]
        way = others[(number // (of + 1)) % len(others)]
        self.told.append(way)
        return way
