"""The engine of many processes: each claims due deliveries in the journal's own PostgreSQL database.

A process that makes deliveries due begins them itself while it has free slots, and signals the others
otherwise (LISTEN and NOTIFY). What no signal came for is found by a poll.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Connection

from ...journal.claim import Claim, Job
from ...journal.claim_due import Claimant, ClaimedBatch, claim_due
from ...journal.counts import count_running
from ...journal.heartbeat import delete_old_heartbeats
from ...journal.recover import recover_expired, recover_lost
from ...journal.signals import signal_due
from .heartbeat import Heartbeat
from .session import Session
from .tenants import ReadyTenant, Tenants, count_free_slots
from .worker import Worker

# Maximum seconds between polls: a signal may be lost with its connection.
_POLL_SECONDS = 2.0
_RETRY_SECONDS = 1.0
# Seconds between searches for deliveries of processes that are gone.
_RECOVER_SECONDS = 1.0


class PostgresEngine:
    """Attempts the deliveries that are due until cancelled.

    `address` is in libpq's form. A process without a heartbeat for `lease` seconds, or without a session,
    counts as gone, and its deliveries are taken over.
    """

    def __init__(self, worker: Worker, tenants: Tenants, address: str, lease: float) -> None:
        self.worker, self.tenants = worker, tenants
        self._heartbeat = Heartbeat(worker, lease)
        self._changed = asyncio.Event()
        self._session = Session(
            address=address,
            holder=worker.holder,
            on_signal=self._changed.set,
            loop=worker.loops.loop("session"),
        )
        self._running: dict[int, tuple[asyncio.Task[None], str]] = {}
        self._room: Mapping[str, int] = {}
        self._suspect: int | None = None
        self._recovered_at = float("-inf")

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Signal the other processes within the transaction, unless this one has a slot for each job."""
        room = self.free_slots()
        if not all(room.get(job.tenant) for job in jobs):
            signal_due(connection, self.worker.holder)

    def wake(self, jobs: Sequence[Job]) -> None:
        """Claim what is due now."""
        if jobs:
            self._changed.set()

    def free_slots(self) -> Mapping[str, int]:
        """As in `Engine`: also within what all processes together attempted at the last poll."""
        own = count_free_slots(self.tenants, (account for _, account in self._running.values()))
        return {tenant: min(most, self._room.get(tenant, 0)) for tenant, most in own.items()}

    async def run(self) -> None:
        """Attempt what is due until cancelled; then wait for the attempts under way."""
        async with self._heartbeat.kept_alive(), self._session.held():
            try:
                while True:
                    await self._poll()
            finally:
                await asyncio.gather(*(task for task, _ in self._running.values()))

    async def _poll(self) -> None:
        self._changed.clear()
        wait = _RETRY_SECONDS
        with self.worker.loops.loop("deliveries").round():
            await self._recover_gone()
            wait = await self._start_due()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._changed.wait()

    async def _start_due(self) -> float:
        """Claim and start what is due and has a free slot; return the seconds until the next poll."""
        if self._suspect in self._running:
            return _POLL_SECONDS
        self._suspect = None
        now = self.worker.now()
        batch = await self.worker.journal.run(self._claim, now, is_idle=not self._running)
        for claim in batch.claims:
            ready = self.tenants.ready.get(claim.tenant)
            # What its tenant cannot run any more is given back by the next search.
            if ready is not None:
                self._start(claim, ready)
                self._suspect = claim.id if batch.is_suspect else None
        wait = _POLL_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        if batch.next_due is None:
            return wait
        return min(max(0.0, (batch.next_due - now) / 1000), wait)

    def _claim(self, connection: Connection, now: int, *, is_idle: bool) -> ClaimedBatch:
        """Claim what fits into the slots that all processes together leave."""
        ready = self.tenants.ready
        accounts = [
            ready[tenant].account
            for tenant, count in count_running(connection).items()
            if tenant in ready
            for _ in range(count)
        ]
        self._room = count_free_slots(self.tenants, accounts)
        if not self._room:
            return ClaimedBatch()
        return claim_due(connection, Claimant(self.worker.holder, now, is_idle), self._room)

    def _start(self, claim: Claim, ready: ReadyTenant) -> None:
        task = asyncio.create_task(self._attempt(claim, ready))
        self.worker.hold_systems(ready, task)
        self._running[claim.id] = (task, ready.account)

    async def _attempt(self, claim: Claim, ready: ReadyTenant) -> None:
        try:
            await self.worker.attempt_claimed(claim, ready, self.enqueue)
        finally:
            del self._running[claim.id]
            self._changed.set()

    async def _recover_gone(self) -> None:
        """Release now and then the deliveries of processes that are gone, and those lost here."""
        at = asyncio.get_running_loop().time()
        if at - self._recovered_at < _RECOVER_SECONDS:
            return
        await self.worker.journal.run(self._recover, tuple(self._running))
        self._recovered_at = at

    def _recover(self, connection: Connection, running: Sequence[int]) -> None:
        now, lease = self.worker.now(), self._heartbeat.lease_milliseconds
        recover_lost(connection, self.worker.holder, running, now)
        recover_expired(connection, now, lease)
        delete_old_heartbeats(connection, lease)
