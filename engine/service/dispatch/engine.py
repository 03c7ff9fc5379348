"""The protocol of engines, which differ in how they find out that a delivery is due.

Every engine relies on the states in the journal: a delivery that is handed out twice, or too early, is
claimed only while it waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ...journal.claim import Enqueue, Job


class Engine(Protocol):
    """Hands deliveries to a `Worker` when they are due."""

    @property
    def enqueue(self) -> Enqueue | None:
        """Adds jobs to the queue; None for an engine that finds them in the journal."""
        ...

    def wake(self, jobs: Sequence[Job]) -> None:
        """Report jobs that were committed."""
        ...

    def free_slots(self) -> Mapping[str, int]:
        """Return how many more deliveries of each tenant this process may start; zero is left out."""
        ...

    async def run(self) -> None:
        """Hand out deliveries until cancelled; then wait for the attempts under way."""
        ...
