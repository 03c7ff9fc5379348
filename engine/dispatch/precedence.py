"""Who comes first when events are stored and deliveries are made in one process: the events.

Whoever sends an event waits for its answer, and may send no other before; a delivery waits for other
systems anyhow. So while several events wait to be stored, deliveries begin only now and then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# So many events that are stored at once are a crowd; for so many seconds it is one.
CROWD, CROWDED_SECONDS = 2, 0.1
# Deliveries are not kept waiting for ever: while there is a crowd, one begins each so many seconds.
BETWEEN_SECONDS = 0.1


class Precedence:
    """Shared by the door and the workers of a process; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._storing = 0
        self._crowded_until = self._next = float("-inf")

    @contextmanager
    def storing(self) -> Iterator[None]:
        """While an event is being stored."""
        self._storing += 1
        if self._storing >= CROWD:
            self._crowded_until = self._clock() + CROWDED_SECONDS
        try:
            yield
        finally:
            self._storing -= 1

    async def turn(self) -> None:
        """Wait until a delivery may begin: at once, where there is no crowd."""
        while (now := self._clock()) < self._crowded_until:
            if now >= self._next:
                self._next = now + BETWEEN_SECONDS
                return
            await asyncio.sleep(min(self._next, self._crowded_until) - now)
