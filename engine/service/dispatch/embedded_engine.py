"""The engine of a single process: polls the journal, and attempts the deliveries that are due.

Deliveries that are not due use no memory, only a row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ...findings.errors import JournalError
from ...journal.claim import Enqueue, Job, find_due_and_next
from ...journal.recover import recover_deliveries, shorten_waits
from .tenants import ReadyTenant, Tenants, count_free_slots
from .worker import Worker

# Maximum seconds between polls: another process may have changed the journal.
_POLL_SECONDS = 1.0
_RETRY_SECONDS = 1.0
# An operator's command writes times of the machine's clock, which may be ahead of the slewed clock.
_SHORTEN_SECONDS = 10.0


@dataclass(slots=True)
class EmbeddedEngine:
    """Attempts the deliveries that are due until cancelled.

    No other process uses its journal: `run` first recovers what an earlier process left.
    """

    worker: Worker
    tenants: Tenants
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _running: dict[int, tuple[asyncio.Task[None], str]] = field(default_factory=dict)
    _shortened_at: float = float("-inf")
    _is_polling: bool = False

    @property
    def enqueue(self) -> Enqueue | None:
        """None: the engine finds what is due in the journal."""
        return None

    def wake(self, jobs: Sequence[Job]) -> None:
        """Start what has a free slot now; the next poll finds the others."""
        now = self.worker.now()
        for job in jobs if self._is_polling else ():
            if job.due_at <= now and self.free_slots().get(job.tenant, 0) > 0:
                self._start(job.delivery, job.tenant)
        self._changed.set()

    async def run(self) -> None:
        """Attempt what is due until cancelled; then wait for the attempts under way."""
        await self._recover()
        self._is_polling = True
        try:
            while True:
                await self._poll()
        finally:
            self._is_polling = False
            await asyncio.gather(*(task for task, _ in self._running.values()))

    async def _recover(self) -> None:
        """Recover what an earlier process left, as soon as the journal can be written."""
        recovery = self.worker.loops.loop("recovery")
        while True:
            with recovery.round():
                await self.worker.journal.run(recover_deliveries, self.worker.now())
                return
            await asyncio.sleep(_RETRY_SECONDS)

    async def _poll(self) -> None:
        self._changed.clear()
        wait = _RETRY_SECONDS
        with self.worker.loops.loop("deliveries").round():
            await self._shorten_waits()
            wait = await self._start_due()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._changed.wait()

    async def _shorten_waits(self) -> None:
        at = asyncio.get_running_loop().time()
        if at - self._shortened_at >= _SHORTEN_SECONDS:
            await self.worker.journal.run(shorten_waits, self.worker.now())
            self._shortened_at = at

    async def _start_due(self) -> float:
        """Start the due deliveries that have a free slot; return the seconds until the next poll.

        A due delivery without a slot waits until another delivery ends.
        """
        slots, is_idle = self.free_slots(), not self._running
        if not slots:
            return _POLL_SECONDS
        now = self.worker.now()
        found, next_due = await self.worker.journal.run(
            find_due_and_next, now, slots, is_idle=is_idle
        )
        for due in found:
            self._start(due.id, due.tenant)
        if next_due is None:
            return _POLL_SECONDS
        return min(max(0.0, (next_due - now) / 1000), _POLL_SECONDS)

    def free_slots(self) -> Mapping[str, int]:
        """As in `Engine`."""
        return count_free_slots(self.tenants, (account for _, account in self._running.values()))

    def _start(self, id_: int, tenant: str) -> None:
        ready = self.tenants.ready.get(tenant)  # it may have gone meanwhile
        if id_ in self._running or ready is None:
            return
        task = asyncio.create_task(self._deliver(id_, ready))
        self.worker.hold_systems(ready, task)
        self._running[id_] = (task, ready.account)

    async def _deliver(self, id_: int, ready: ReadyTenant) -> None:
        try:
            await self.worker.deliver(id_, ready, self.enqueue)
        except JournalError:  # recorded by the worker
            await asyncio.sleep(_RETRY_SECONDS)
        finally:
            del self._running[id_]
            self._changed.set()
