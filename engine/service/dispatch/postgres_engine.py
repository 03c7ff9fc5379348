"""The engine of many processes: PgQueuer says what is due, on the journal's own PostgreSQL.

A job carries only the id of a delivery, and there is one at most for each. The journal decides: a
job that comes twice, too early or too late does no harm, and one that is lost is made again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress

import psycopg
from sqlalchemy import Connection

from ...findings.errors import JournalError
from ...journal.claim import Job
from ...journal.heartbeat import delete_old_heartbeats
from ...journal.recover import recover_expired, select_due
from .heartbeat import RETRY_SECONDS, Heartbeat
from .pgqueuer import JobRunner, QueuedJob, insert_jobs, prune_log, select_without_job
from .tenants import ReadyTenant, Tenants
from .worker import Worker

_SWEEP_SECONDS = 60.0
_SWEPT_AT_ONCE = 1_000
_AFTER_TROUBLE_SECONDS = 2.0
_LONGEST_PAUSE = 10.0


class PostgresEngine:
    """Works at what PgQueuer hands out until it is cancelled; then what is under way is ended.

    `address` is libpq's. A process that has not been heard of for `lease` seconds is held to be
    gone, and what it held is taken over.
    """

    def __init__(self, worker: Worker, tenants: Tenants, address: str, lease: float) -> None:
        self.worker, self.tenants = worker, tenants
        self._address, self._peer = address, Heartbeat(worker, lease)
        self._running: dict[int, asyncio.Task[float | None]] = {}
        self._stop = asyncio.Event()

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """A job for each, within the journal's transaction."""
        now = self.worker.now()
        insert_jobs(
            connection,
            [QueuedJob(job.tenant, job.delivery, (job.due_at - now) / 1000) for job in jobs],
        )

    def wake(self, jobs: Sequence[Job]) -> None:
        """PgQueuer hears of it from PostgreSQL."""

    async def run(self) -> None:
        """Take up what is due, for ever; what is under way ends before this does."""
        async with self._peer.present():
            sweeping = asyncio.create_task(self._sweeping())
            handing = asyncio.create_task(self._handing_out())
            try:
                await asyncio.shield(handing)
            finally:
                self._stop.set()
                await asyncio.wait((handing,))
                if self._running:
                    await asyncio.wait(self._running.values())
                sweeping.cancel()
                await asyncio.wait((sweeping,))

    async def _handing_out(self) -> None:
        """PgQueuer's loop, again and again: it ends when PostgreSQL does, often without a word."""
        pause, handing = (
            0.0,
            JobRunner(self._address, self._limits, self._handle, self._peer.lease, self._stop),
        )
        while not self._stop.is_set():
            begun = asyncio.get_running_loop().time()
            with suppress(psycopg.Error, OSError):
                await handing.run()
            lasted = asyncio.get_running_loop().time() - begun
            pause = 0.1 if lasted > _LONGEST_PAUSE else min(_LONGEST_PAUSE, pause * 2 + 0.1)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
                    await self._stop.wait()

    def _limits(self) -> Mapping[str, int]:
        """For each tenant, over all processes: so none of them can crowd out another."""
        return {one.name: one.at_once for one in self.tenants.ready.values()}

    async def _handle(self, id_: int, tenant: str) -> float | None:
        """What becomes of a job: seconds until it is wanted again, None when it is done with."""
        ready = self.tenants.ready.get(tenant)
        # Of a tenant that cannot run here, or of a delivery that this process is at work on already.
        if ready is None or id_ in self._running or self._stop.is_set():
            return RETRY_SECONDS
        # The delivery goes on also when PgQueuer's loop is ended.
        task = asyncio.create_task(self._seen_to(id_, ready))
        self.worker.hold(ready, task)
        self._running[id_] = task
        task.add_done_callback(lambda _: self._running.pop(id_, None))
        return await asyncio.shield(task)

    async def _seen_to(self, id_: int, ready: ReadyTenant) -> float | None:
        """One attempt. A delivery that waits after it keeps its job, which comes again then."""
        again: list[Job] = []

        def enqueue(connection: Connection, jobs: Sequence[Job]) -> None:
            again[:] = [job for job in jobs if job.delivery == id_]
            self.enqueue(connection, [job for job in jobs if job.delivery != id_])

        try:
            wait = await self._peer.see_to(id_, ready, enqueue)
        except JournalError:
            return _AFTER_TROUBLE_SECONDS
        if again and wait is None:
            return (again[0].due_at - self.worker.now()) / 1000
        return wait  # somebody else has it: the job stays until he is done

    async def _sweeping(self) -> None:
        """Belt and braces: what is due and has no job gets one, what the gone held is given back."""
        while True:
            with suppress(JournalError):
                await self.worker.journal.run(self._sweep)
            await asyncio.sleep(_SWEEP_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    def _sweep(self, connection: Connection) -> None:
        now = self.worker.now()
        recover_expired(connection, now)
        rows = connection.execute(select_without_job(select_due(now)).limit(_SWEPT_AT_ONCE))
        insert_jobs(connection, [QueuedJob(row.tenant, row.id, 0.0) for row in rows])
        delete_old_heartbeats(connection, self._peer.lease_milliseconds)
        prune_log(connection)
