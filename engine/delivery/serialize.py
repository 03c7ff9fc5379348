"""Writes records with the same `serialize` text one after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol


class Turns(Protocol):
    """Exclusive turns to write, one for each account and text.

    Several processes over one account need an implementation that spans them.
    """

    def turn(self, account: str, text: str) -> AbstractAsyncContextManager[None]:
        """Wait for the turn, and hold it until the record is written or given up."""
        ...


@dataclass(slots=True)
class _Queue:
    """A lock, and the number of tasks that hold it or wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: int = 0


class LocalTurns:
    """Turns among the tasks of one event loop, first come, first served."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], _Queue] = {}

    def __len__(self) -> int:
        """Return the number of texts with a task that holds or awaits its turn."""
        return len(self._queues)

    @asynccontextmanager
    async def turn(self, account: str, text: str) -> AsyncIterator[None]:
        """Wait for the turn, and hold it."""
        queue = self._queues.setdefault((account, text), _Queue())
        queue.tasks += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.tasks -= 1
            if not queue.tasks:
                del self._queues[account, text]
