"""The allowance: the maximum of concurrent requests to an account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from math import inf
from typing import Protocol


class Allowance(Protocol):
    """The maximum of concurrent requests to an account, for all clients that share this object."""

    def request(self) -> AbstractAsyncContextManager[float]:
        """Return a context that waits for a free slot, and holds it for one request.

        It yields the time on the monotonic clock until which the request may be sent.
        """
        ...

    def throttled(self) -> None:
        """Record that the account refused a request as one too many."""
        ...


class FixedAllowance:
    """A fixed maximum for a single client."""

    def __init__(self, maximum: int) -> None:
        self._slots = asyncio.Semaphore(max(1, maximum))

    @asynccontextmanager
    async def request(self) -> AsyncIterator[float]:
        """Wait for a free slot; the request may be sent at any time."""
        async with self._slots:
            yield inf

    def throttled(self) -> None:
        """Change nothing: the delivery waits by its retry rule."""
