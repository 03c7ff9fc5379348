"""What says that a delivery is due now: the one thing in which engines differ.

The journal's states are the truth with every engine. One that hands out a delivery twice, or too
early, does no harm: it is taken only while it waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that is due at a moment (milliseconds since 1970)."""

    delivery: int
    tenant: str
    due_at: int


class Engine(Protocol):
    """Hands deliveries to a `Worker` when they are due."""

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Note what will be due, within the journal's own transaction."""
        ...

    def wake(self, jobs: Sequence[Job]) -> None:
        """The same once more, after the commit."""
        ...

    async def run(self) -> None:
        """Work until cancelled; then what is under way is brought to its end."""
        ...
