"""The engine of many processes: PgQueuer hands out jobs, in the journal's own PostgreSQL database.

A job carries only the id of a delivery, and each delivery has one job at most. The journal decides: a
job that comes twice, too early or too late does no harm, and a lost job is made again.
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
_SWEEP_BATCH = 1_000
_ERROR_SECONDS = 2.0
_MAX_PAUSE = 10.0


class PostgresEngine:
    """Attempts the deliveries that PgQueuer hands out, until cancelled.

    `address` is in libpq's form. A process without a heartbeat for `lease` seconds counts as gone, and
    its deliveries are taken over.
    """

    def __init__(self, worker: Worker, tenants: Tenants, address: str, lease: float) -> None:
        self.worker, self.tenants = worker, tenants
        self._address, self._heartbeat = address, Heartbeat(worker, lease)
        self._running: dict[int, asyncio.Task[float | None]] = {}
        self._stop = asyncio.Event()

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Insert a job for each delivery, within the journal's transaction."""
        now = self.worker.now()
        insert_jobs(
            connection,
            [QueuedJob(job.tenant, job.delivery, (job.due_at - now) / 1000) for job in jobs],
        )

    def wake(self, jobs: Sequence[Job]) -> None:
        """Do nothing: PostgreSQL notifies PgQueuer."""

    async def run(self) -> None:
        """Attempt what is due until cancelled; then wait for the attempts under way."""
        async with self._heartbeat.kept_alive():
            sweeping = asyncio.create_task(self._sweep_forever())
            queue = asyncio.create_task(self._run_queue())
            try:
                await asyncio.shield(queue)
            finally:
                self._stop.set()
                await asyncio.wait((queue,))
                if self._running:
                    await asyncio.wait(self._running.values())
                sweeping.cancel()
                await asyncio.wait((sweeping,))

    async def _run_queue(self) -> None:
        """Run PgQueuer's loop again and again: it ends when PostgreSQL does, often without an error."""
        runner = JobRunner(
            address=self._address,
            limits=self._limits,
            handle=self._handle,
            stale=self._heartbeat.lease,
            stop=self._stop,
        )
        pause = 0.0
        while not self._stop.is_set():
            begun = asyncio.get_running_loop().time()
            with suppress(psycopg.Error, OSError):
                await runner.run()
            lasted = asyncio.get_running_loop().time() - begun
            pause = 0.1 if lasted > _MAX_PAUSE else min(_MAX_PAUSE, pause * 2 + 0.1)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
                    await self._stop.wait()

    def _limits(self) -> Mapping[str, int]:
        """Maximum concurrent deliveries of each tenant in all processes, so that none blocks another."""
        return {ready.name: ready.max_deliveries for ready in self.tenants.ready.values()}

    async def _handle(self, id_: int, tenant: str) -> float | None:
        """Attempt the delivery of a job; return the seconds until it is handed out again, or None."""
        ready = self.tenants.ready.get(tenant)
        # The tenant cannot run here, or this process is attempting the delivery already.
        if ready is None or id_ in self._running or self._stop.is_set():
            return RETRY_SECONDS
        # The attempt goes on when PgQueuer's loop ends.
        task = asyncio.create_task(self._attempt(id_, ready))
        self.worker.hold_systems(ready, task)
        self._running[id_] = task
        task.add_done_callback(lambda _: self._running.pop(id_, None))
        return await asyncio.shield(task)

    async def _attempt(self, id_: int, ready: ReadyTenant) -> float | None:
        """Make one attempt. A delivery that waits after it keeps its job, which is handed out again then."""
        again: list[Job] = []

        def enqueue(connection: Connection, jobs: Sequence[Job]) -> None:
            again[:] = [job for job in jobs if job.delivery == id_]
            self.enqueue(connection, [job for job in jobs if job.delivery != id_])

        try:
            wait = await self._heartbeat.attempt_delivery(id_, ready, enqueue)
        except JournalError:
            return _ERROR_SECONDS
        if again and wait is None:
            return (again[0].due_at - self.worker.now()) / 1000
        return wait  # another process has claimed it: the job stays until the delivery is over

    async def _sweep_forever(self) -> None:
        """Repair now and then: insert missing jobs, and release deliveries of processes that are gone."""
        while True:
            with suppress(JournalError):
                await self.worker.journal.run(self._sweep)
            await asyncio.sleep(_SWEEP_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    def _sweep(self, connection: Connection) -> None:
        now = self.worker.now()
        recover_expired(connection, now)
        rows = connection.execute(select_without_job(select_due(now)).limit(_SWEEP_BATCH))
        insert_jobs(connection, [QueuedJob(row.tenant, row.id, 0.0) for row in rows])
        delete_old_heartbeats(connection, self._heartbeat.lease_milliseconds)
        prune_log(connection)
