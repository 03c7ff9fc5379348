"""What says that a delivery is due now: the one thing in which engines differ.

The journal's states are the truth with every engine. One that hands out a delivery twice, or too
early, does no harm: it is taken only while it waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...journal.claim import Enqueue, Job


class Engine(Protocol):
    """Hands deliveries to a `Worker` when they are due."""

    @property
    def enqueue(self) -> Enqueue | None:
        """Adds jobs to the queue; None for an engine that finds them in the journal."""
        ...

    def wake(self, jobs: Sequence[Job]) -> None:
        """The same once more, after the commit."""
        ...

    async def run(self) -> None:
        """Work until cancelled; then what is under way is brought to its end."""
        ...
