"""One process of many at a journal: it says that it lives, and works at what the journal lets it have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ...findings.errors import JournalError
from ...journal.claim import Enqueue
from ...journal.heartbeat import record_heartbeat, remove_heartbeat
from ...journal.recover import Availability, check_availability
from ...journal.tables import SUSPECT_STARTS
from .tenants import ReadyTenant
from .worker import Worker

# Until what somebody else may have, or cannot be worked at here, is looked at again.
RETRY_SECONDS = 5.0


class Heartbeat:
    """A process that has not been heard of for `lease` seconds is held to be gone."""

    def __init__(self, worker: Worker, lease: float) -> None:
        self.worker, self.lease = worker, lease
        self._company = SharedExclusiveLock()

    @property
    def lease_milliseconds(self) -> int:
        """The lease as the journal counts it."""
        return int(self.lease * 1000)

    @asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """Heard of while the block runs. Raise JournalError when it cannot begin."""
        await self._live()
        living = asyncio.create_task(self._living())
        try:
            yield
        finally:
            living.cancel()
            await asyncio.wait((living,))
            with suppress(JournalError):
                await self.worker.journal.run(remove_heartbeat, self.worker.holder)

    async def see_to(self, id_: int, ready: ReadyTenant, enqueue: Enqueue | None) -> float | None:
        """Attempt a delivery that was handed out, once, if the journal lets this process have it.

        Gives the seconds until it may be asked for again, and None when it was attempted or is over.
        `enqueue` is as in `Worker.deliver`. Raise JournalError.
        """
        found = await self._handed(id_)
        if found.is_over or found.wait:
            return None if found.is_over else found.wait / 1000
        is_suspect = found.starts >= SUSPECT_STARTS
        async with self._company.alone() if is_suspect else self._company.joined():
            was_had = await self.worker.deliver(id_, ready, enqueue)
        return None if was_had else RETRY_SECONDS

    async def _handed(self, id_: int) -> Availability:
        worker = self.worker
        return await worker.journal.run(check_availability, id_, worker.holder, worker.now())

    async def _living(self) -> None:
        while True:
            await asyncio.sleep(self.lease / 5)
            with suppress(JournalError):
                await self._live()

    async def _live(self) -> None:
        await self.worker.journal.run(record_heartbeat, self.worker.holder, self.lease_milliseconds)


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
