"""The session of a process in a journal on PostgreSQL: it shows that the process lives, and hears signals.

The server ends it with the process, so that other processes know at once that this one is dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg

from ...journal.database import KEEPALIVE
from ...journal.heartbeat import SESSION_CLASS
from ...journal.signals import DUE_CHANNEL
from ..loops import Loop

_RETRY_SECONDS = 1.0
# Shared, because the session before may still stand at the server when this one begins.
_LOCK = f"select pg_advisory_lock_shared({SESSION_CLASS}, hashtext(%s))"


@dataclass(frozen=True, slots=True)
class Session:
    """Holds a connection of its own to `address`, in libpq's form, and connects again when it breaks.

    `on_signal` is called when another process has signalled that deliveries are due, and after each
    connection: signals before it were missed.
    """

    address: str
    holder: str
    on_signal: Callable[[], None]
    loop: Loop

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the session while the block runs."""
        holding = asyncio.create_task(self._hold_forever())
        try:
            yield
        finally:
            holding.cancel()
            await asyncio.wait((holding,))

    async def _hold_forever(self) -> None:
        while True:
            try:
                await self._hold()
            except (psycopg.Error, OSError) as error:
                self.loop.fail(_describe(error))
            else:
                self.loop.fail("the server has closed the session")
            await asyncio.sleep(_RETRY_SECONDS)

    async def _hold(self) -> None:
        connecting = psycopg.AsyncConnection.connect(self.address, autocommit=True, **KEEPALIVE)
        async with await connecting as connection:
            await connection.execute(_LOCK, (self.holder,))
            await connection.execute(f"listen {DUE_CHANNEL}")
            self.loop.succeed()
            self.on_signal()
            async for signal in connection.notifies():
                if signal.payload != self.holder:
                    self.on_signal()


def _describe(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    words = lines[0][:200] if lines else type(error).__name__
    return f"the session with the journal cannot be held: {words}"
