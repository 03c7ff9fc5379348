"""At most so many requests in any second, in the order in which they were wanted."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

# NewStore blocks an IP for 5 minutes after 30,000 requests in 5 minutes; another edition of the
# same page says 5,000, which are 16 a second (facts §3.3).
REQUESTS_A_SECOND = 15


class RateLimiter:
    """Turns for requests from one source IP; share it among all clients that go out from there.

    `clock` gives seconds that only grow, `sleep` waits for seconds.
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
        """Wait until a request may go out. Who gives up waiting takes no turn from the others."""
        async with self._queue:
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._turns.append(self._clock())

    def _wait(self) -> float:
        """The seconds until the turn before `rate` turns is a second old."""
        if len(self._turns) < (self._turns.maxlen or 1):
            return 0.0
        return self._turns[0] + 1.0 - self._clock()
