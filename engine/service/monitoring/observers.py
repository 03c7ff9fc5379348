"""Who watches the service: hears of every answer and of every attempt at a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...journal.taking import Taken
from ..dispatch.worker import Told
from ..web.app import Answered


class Watcher(Protocol):
    """Hears at once, on the event loop: what it does takes no time, and it raises nothing."""

    def answered(self, answered: Answered) -> None:
        """A request for an event was answered."""
        ...

    def begun(self, taken: Taken) -> None:
        """An attempt at a delivery begins."""
        ...

    def ended(self, told: Told) -> None:
        """It has ended, and that is committed."""
        ...


@dataclass(frozen=True, slots=True)
class Watchers:
    """All of them, one after another."""

    each: tuple[Watcher, ...]

    def answered(self, answered: Answered) -> None:
        """As in `Watcher`."""
        for one in self.each:
            one.answered(answered)

    def begun(self, taken: Taken) -> None:
        """As in `Watcher`."""
        for one in self.each:
            one.begun(taken)

    def ended(self, told: Told) -> None:
        """As in `Watcher`."""
        for one in self.each:
            one.ended(told)
