"""Who works beside whom: a suspect of having killed its worker works alone, so that no other is blamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class SharedExclusiveLock:
    """`joined` by any number at once, or by one `alone`, who goes first."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._joined, self._suspects = 0, 0
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        """Entered when no suspect works or waits."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._suspects)
            self._joined += 1
        try:
            yield
        finally:
            self._joined -= 1
            await self._tell()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Entered when nobody else works; nobody begins meanwhile."""
        self._suspects += 1
        try:
            async with self._alone:
                async with self._changed:
                    await self._changed.wait_for(lambda: not self._joined)
                yield
        finally:
            self._suspects -= 1
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
