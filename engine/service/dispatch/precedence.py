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
# Deliveries are not kept waiting for ever: while there is a crowd, each tenant begins one in so many.
BETWEEN_SECONDS = 0.1


class Precedence:
    """Shared by the door and the workers of a process; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._storing = 0
        self._crowded_until = float("-inf")
        self._next: dict[str, float] = {}

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

    async def turn(self, tenant: str) -> None:
        """Wait until a delivery may begin: at once, where there is no crowd, else first come first."""
        now = self._clock()
        if now >= self._crowded_until:
            self._next.clear()
            return
        mine = max(now, self._next.get(tenant, now))
        self._next[tenant] = mine + BETWEEN_SECONDS
        while (now := self._clock()) < min(mine, self._crowded_until):
            await asyncio.sleep(min(mine, self._crowded_until) - now)
