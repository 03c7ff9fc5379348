"""The engine of one process: looks at the journal when something is due, and works at it.

Nothing waits in memory: what is not due costs a row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ...findings.errors import JournalError
from ...journal.claim import DueDelivery, Enqueue, Job, find_due_and_next
from ...journal.recover import recover_deliveries, shorten_waits
from .tenants import ReadyTenant, Tenants, count_free_slots
from .worker import Worker

# However little happens: another process may have changed the journal.
_LONGEST_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 1.0
# A person's command writes moments of the machine's clock, which may have been put forward.
_BRING_FORWARD_SECONDS = 10.0


@dataclass(slots=True)
class EmbeddedEngine:
    """Works at what is due until it is cancelled; `wake` when something new is.

    One process for one journal: what another one left is taken over when `run` begins.
    """

    worker: Worker
    tenants: Tenants
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _running: dict[int, tuple[asyncio.Task[None], str]] = field(default_factory=dict)
    _brought: float = float("-inf")

    @property
    def enqueue(self) -> Enqueue | None:
        """None: the engine finds what is due in the journal."""
        return None

    def wake(self, jobs: Sequence[Job]) -> None:  # noqa: ARG002 - the journal's rows say which
        """Something is due now."""
        self._news.set()

    async def run(self) -> None:
        """Take up what is due until cancelled; then wait for what is under way."""
        await self._recovered()
        try:
            while True:
                await self._round()
        finally:
            await asyncio.gather(*(task for task, _ in self._running.values()))

    async def _recovered(self) -> None:
        """Give back what an earlier process left, as soon as the journal can be written."""
        now = self.worker.now
        while True:
            try:
                await self.worker.journal.run(recover_deliveries, now())
            except JournalError:
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            else:
                return

    async def _round(self) -> None:
        self._news.clear()
        try:
            await self._bring_forward()
            wait = await self._take_up()
        except JournalError:
            wait = _AFTER_TROUBLE_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._news.wait()

    async def _bring_forward(self) -> None:
        at = asyncio.get_running_loop().time()
        if at - self._brought >= _BRING_FORWARD_SECONDS:
            now = self.worker.now()
            await self.worker.journal.run(shorten_waits, now)
            self._brought = at

    async def _take_up(self) -> float:
        """Start what is due and there is room for; the seconds until something else may be due.

        What is due and could not be taken up waits for one that ends.
        """
        count_free_slots, is_idle = self._room(), not self._running
        if not count_free_slots:
            return _LONGEST_SECONDS
        now = self.worker.now()
        found, moment = await self.worker.journal.run(
            find_due_and_next, now, count_free_slots, is_idle=is_idle
        )
        for one in found:
            ready = self.tenants.ready.get(one.tenant)  # it may have gone meanwhile
            if one.id not in self._running and ready is not None:
                self._start(one, ready)
        if moment is None:
            return _LONGEST_SECONDS
        return min(max(0.0, (moment - now) / 1000), _LONGEST_SECONDS)

    def _room(self) -> Mapping[str, int]:
        return count_free_slots(self.tenants, (account for _, account in self._running.values()))

    def _start(self, one: DueDelivery, ready: ReadyTenant) -> None:
        task = asyncio.create_task(self._deliver(one.id, ready))
        self.worker.hold(ready, task)
        self._running[one.id] = (task, ready.account)

    async def _deliver(self, id_: int, ready: ReadyTenant) -> None:
        try:
            await self.worker.deliver(id_, ready, self.enqueue)
        except JournalError:
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
        finally:
            del self._running[id_]
            self._news.set()
