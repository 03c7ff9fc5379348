"""Limits the requests in any second, first come, first served."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

# NewStore blocks an IP for 5 minutes after 30,000 requests in 5 minutes; another edition of the
# same page says 5,000, which are 16 a second (facts §3.3).
REQUESTS_A_SECOND = 15


class RateLimiter:
    """A limit of `rate` requests a second for one source IP; all clients with that IP share it.

    `clock` is monotonic, in seconds; `sleep` waits for seconds.
    """

    def __init__(
        self,
        rate: int = REQUESTS_A_SECOND,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._turns: deque[float] = deque(maxlen=rate)
        self._queue = asyncio.Lock()
        self._clock = clock
        self._sleep = sleep

    async def turn(self) -> None:
        """Wait until a request may be sent. A caller that is cancelled uses no turn."""
        async with self._queue:
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._turns.append(self._clock())

    def _wait(self) -> float:
        """Return the seconds until the turn `rate` turns ago is one second old."""
        if len(self._turns) < (self._turns.maxlen or 1):
            return 0.0
        return self._turns[0] + 1.0 - self._clock()
