"""Who watches the service: hears of every answer and of every attempt at a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...journal.claim import Claim
from ..dispatch.worker import FinishedAttempt
from ..web.app import HttpAnswer


class Observer(Protocol):
    """Hears at once, on the event loop: what it does takes no time, and it raises nothing."""

    def answered(self, answered: HttpAnswer) -> None:
        """A request for an event was answered."""
        ...

    def begun(self, taken: Claim) -> None:
        """An attempt at a delivery begins."""
        ...

    def ended(self, told: FinishedAttempt) -> None:
        """It has ended, and that is committed."""
        ...


@dataclass(frozen=True, slots=True)
class Observers:
    """All of them, one after another."""

    each: tuple[Observer, ...]

    def answered(self, answered: HttpAnswer) -> None:
        """As in `Observer`."""
        for one in self.each:
            one.answered(answered)

    def begun(self, taken: Claim) -> None:
        """As in `Observer`."""
        for one in self.each:
            one.begun(taken)

    def ended(self, told: FinishedAttempt) -> None:
        """As in `Observer`."""
        for one in self.each:
            one.ended(told)
