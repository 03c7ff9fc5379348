"""The heartbeat of a process in a shared journal, and its attempts at the deliveries it is handed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ...journal.claim import Enqueue
from ...journal.heartbeat import record_heartbeat, remove_heartbeat
from ...journal.recover import check_availability
from ...journal.tables import SUSPECT_STARTS
from .tenants import ReadyTenant
from .worker import Worker

# Seconds until a delivery that another process may have, or that cannot run here, is tried again.
RETRY_SECONDS = 5.0


class Heartbeat:
    """Keeps the lease of this process: without a heartbeat for `lease` seconds it counts as gone."""

    def __init__(self, worker: Worker, lease: float) -> None:
        self.worker, self.lease = worker, lease
        self._lock = SharedExclusiveLock()
        self._loop = worker.loops.loop("heartbeat")

    @property
    def lease_milliseconds(self) -> int:
        """The lease in the journal's unit."""
        return int(self.lease * 1000)

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        """Record heartbeats while the block runs. Raise JournalError when the first one fails."""
        await self._beat()
        beating = asyncio.create_task(self._beat_forever())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait((beating,))
            with self._loop.round():
                await self.worker.journal.run(remove_heartbeat, self.worker.holder)

    async def attempt_delivery(
        self, id_: int, ready: ReadyTenant, enqueue: Enqueue | None
    ) -> float | None:
        """Attempt a delivery that was handed out, once, if the journal lets this process claim it.

        Return the seconds until it may be handed out again, and None when it was attempted or is
        over. `enqueue` is as in `Worker.deliver`. A suspect of having crashed its worker runs without
        other deliveries, so that none of them is blamed for it. Raise JournalError.
        """
        worker = self.worker
        found = await worker.journal.run(
            check_availability, id_, worker.holder, worker.now(), self.lease_milliseconds
        )
        if found.is_over or found.wait:
            return None if found.is_over else found.wait / 1000
        is_suspect = found.starts >= SUSPECT_STARTS
        async with self._lock.exclusive() if is_suspect else self._lock.shared():
            is_done = await worker.deliver(id_, ready, enqueue)
        return None if is_done else RETRY_SECONDS

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(self.lease / 5)
            with self._loop.round():
                await self._beat()

    async def _beat(self) -> None:
        await self.worker.journal.run(record_heartbeat, self.worker.holder, self.lease_milliseconds)


class SharedExclusiveLock:
    """Held by any number of `shared` holders, or by one `exclusive` holder, which goes first."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._shared, self._exclusive = 0, 0
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Enter when no exclusive holder is inside or waits."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._exclusive)
            self._shared += 1
        try:
            yield
        finally:
            self._shared -= 1
            await self._notify()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Enter when no other holder is inside; none enters until the block ends."""
        self._exclusive += 1
        try:
            async with self._turn:
                async with self._changed:
                    await self._changed.wait_for(lambda: not self._shared)
                yield
        finally:
            self._exclusive -= 1
            await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
