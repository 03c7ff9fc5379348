"""Taking turns: what a mapping says may not be written at the same time (`serialize`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol


class Turns(Protocol):
    """Lets one delivery at a time write what belongs to an account and a text.

    Whoever runs several processes over one account brings one that spans them.
    """

    def turn(self, account: str, text: str) -> AbstractAsyncContextManager[None]:
        """Entered when it is one's turn, left when the record is certain or given up."""
        ...


@dataclass(slots=True)
class _Queue:
    """Those who have a text or wait for it, by their number."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    takers: int = 0


class LocalTurns:
    """Turns among the tasks of one event loop, in the order they came."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], _Queue] = {}

    def __len__(self) -> int:
        """How many texts somebody has or waits for; nothing is kept of others."""
        return len(self._queues)

    @asynccontextmanager
    async def turn(self, account: str, text: str) -> AsyncIterator[None]:
        """As in `Turns`."""
        queue = self._queues.setdefault((account, text), _Queue())
        queue.takers += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.takers -= 1
            if not queue.takers:
                del self._queues[account, text]
