"""How many requests an account is asked at once: said by whoever knows all who ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from math import inf
from typing import Protocol


class Allowance(Protocol):
    """The requests that an account takes at once, for all who share this."""

    def request(self) -> AbstractAsyncContextManager[float]:
        """Entered when one more request may be open, left when it is answered or given up.

        It may be sent until the moment that is yielded, on the monotonic clock.
        """
        ...

    def throttled(self) -> None:
        """NetSuite has said that there were too many."""
        ...


class FixedAllowance:
    """Always the same, for the one client that has it."""

    def __init__(self, most: int) -> None:
        self._turns = asyncio.Semaphore(max(1, most))

    @asynccontextmanager
    async def request(self) -> AsyncIterator[float]:
        """As in `Allowance`; it may be sent whenever it is ready."""
        async with self._turns:
            yield inf

    def throttled(self) -> None:
        """Nothing is changed: the delivery waits before it asks again."""
