"""Observers of the service: they record every answer and every attempt at a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...journal.claim import Claim
from ..dispatch.worker import FinishedAttempt
from ..web.app import HttpAnswer


class Observer(Protocol):
    """Is called on the event loop: its methods return at once and raise nothing."""

    def record_answer(self, answer: HttpAnswer) -> None:
        """Record the answer to a request for an event."""
        ...

    def record_claim(self, claim: Claim) -> None:
        """Record an attempt that begins."""
        ...

    def record_end(self, attempt: FinishedAttempt) -> None:
        """Record an attempt whose end is committed."""
        ...


@dataclass(frozen=True, slots=True)
class Observers:
    """Several observers as one; they are called one after another."""

    observers: tuple[Observer, ...]

    def record_answer(self, answer: HttpAnswer) -> None:
        """As in `Observer`."""
        for observer in self.observers:
            observer.record_answer(answer)

    def record_claim(self, claim: Claim) -> None:
        """As in `Observer`."""
        for observer in self.observers:
            observer.record_claim(claim)

    def record_end(self, attempt: FinishedAttempt) -> None:
        """As in `Observer`."""
        for observer in self.observers:
            observer.record_end(attempt)
