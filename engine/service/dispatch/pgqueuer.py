"""The adapter of PgQueuer: its tables, jobs inserted in a transaction, jobs handed out.

It does not depend on the meaning of a job, which has an entrypoint and a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries, SyncQueries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from sqlalchemy import (
    Connection,
    DateTime,
    Select,
    Text,
    cast,
    column,
    delete,
    exists,
    func,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import ENUM

from ...findings.errors import JournalError
from ...journal.database import KEEPALIVE

# All names are set here: PgQueuer reads missing ones from the environment, for example `FUNCTION`.
_PREFIX = "erpmap_"
SETTINGS = DBSettings(
    prefix=_PREFIX,
    db_schema=None,
    channel=Channel(f"{_PREFIX}jobs"),
    function=f"fn_{_PREFIX}jobs_changed",
    statistics_table=f"{_PREFIX}jobs_statistics",
    queue_status_type=f"{_PREFIX}jobs_status",
    queue_table=f"{_PREFIX}jobs",
    queue_table_log=f"{_PREFIX}jobs_log",
    trigger=f"tg_{_PREFIX}jobs_changed",
    schedules_table=f"{_PREFIX}jobs_schedules",
    durability=Durability.balanced,  # losing the log does no harm: the journal is the record
)
# A small batch, so that each of several processes gets some jobs.
_BATCH = 4
_POLL_SECONDS = 1.0
_LOG_KEPT_SECONDS = 3600.0
_PRUNE_BATCH = 20_000

# The columns of PgQueuer's tables that are used here.
_JOBS = table(
    SETTINGS.queue_table,
    column("id"),
    column("dedupe_key"),
    column("status", ENUM(name=SETTINGS.queue_status_type)),
    column("execute_after", DateTime(timezone=True)),
)
_LOG = table(SETTINGS.queue_table_log, column("id"), column("created", DateTime(timezone=True)))

# Returns the seconds after which a job is handed out again; None when it is done.
Handle = Callable[[int, str], Awaitable[float | None]]


class QueuedJob(NamedTuple):
    """A job: its entrypoint, its number, and the seconds until it is handed out."""

    entrypoint: str
    number: int
    seconds: float


def insert_jobs(connection: Connection, jobs: Sequence[QueuedJob]) -> None:
    """Insert jobs within the transaction; a number that is queued or handed out is skipped.

    Raise JournalError when the queue cannot be written.
    """
    if not jobs:
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    queries = SyncQueries(_TransactionDriver(driver), qbq=QueryQueueBuilder(SETTINGS))
    try:
        queries.enqueue(
            [job.entrypoint for job in jobs],
            [str(job.number).encode() for job in jobs],
            [0] * len(jobs),
            [timedelta(seconds=max(0.0, job.seconds)) for job in jobs],
            [str(job.number) for job in jobs],
            on_conflict="skip",
        )
    except psycopg.Error as error:
        raise JournalError(f"the queue cannot be written: {type(error).__name__}") from error


def hurry_jobs(connection: Connection, jobs: Sequence[QueuedJob]) -> None:
    """Insert jobs that are due now; a job that is queued for later is handed out now.

    Do nothing where no queue is installed: its installation looks for what is due. Raise JournalError.
    """
    if connection.scalar(select(func.to_regclass(SETTINGS.queue_table))) is None:
        return
    insert_jobs(connection, jobs)
    numbers = [str(job.number) for job in jobs]
    later = _JOBS.c.dedupe_key.in_(numbers) & (_JOBS.c.execute_after > func.now())
    queued = later & (_JOBS.c.status == "queued")
    connection.execute(update(_JOBS).where(queued).values(execute_after=func.now()))


class _TransactionDriver:
    """A driver for a connection inside a transaction, which PgQueuer's own driver refuses."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = psycopg.RawCursor(self._connection, row_factory=psycopg.rows.dict_row)
        cursor.execute(query.encode(), args or None)
        return cursor.fetchall()


def prune_log(connection: Connection) -> None:
    """Delete old rows of the log, which PgQueuer never deletes."""
    before = func.now() - timedelta(seconds=_LOG_KEPT_SECONDS)
    old = select(_LOG.c.id).where(_LOG.c.created < before).limit(_PRUNE_BATCH)
    connection.execute(delete(_LOG).where(_LOG.c.id.in_(old)))


def select_without_job(wanted: Select[int, *tuple[Any, ...]]) -> Select[int, *tuple[Any, ...]]:
    """Restrict a query, whose first column is a number, to the rows that have no job."""
    number = cast(wanted.selected_columns[0], Text)
    at_work = (_JOBS.c.dedupe_key == number) & _JOBS.c.status.in_(("queued", "picked"))
    return wanted.where(~exists(select(_JOBS.c.id).where(at_work)))


async def install_queue(address: str) -> None:
    """Create or upgrade PgQueuer's tables. Raise JournalError."""
    try:
        async with await _connect(address) as connection:
            queries = _queries(connection)
            async with queries.schema_lock():
                if await queries.schema_is_installed():
                    await queries.apply_upgrade()
                else:
                    await queries.install()
    except psycopg.Error as error:
        raise JournalError(f"the queue cannot be set up: {type(error).__name__}") from error


@dataclass(slots=True)
class JobRunner:
    """Hands out jobs over one connection, until it breaks or `stop` is set.

    `limits` returns the entrypoints, with the maximum of jobs handed out at once in all processes; it
    is called repeatedly. A job without a heartbeat for `stale` seconds is handed out again.
    """

    address: str
    limits: Callable[[], Mapping[str, int]]
    handle: Handle
    stale: float
    stop: asyncio.Event

    async def run(self) -> None:
        """Hand out jobs; those under way go on after the end. Raise psycopg.Error without a connection."""
        async with await _connect(self.address) as connection:
            manager = QueueManager(_queries(connection), channel=SETTINGS.channel)
            self._register(manager)
            running = asyncio.create_task(
                manager.run(
                    batch_size=_BATCH,
                    dequeue_timeout=timedelta(seconds=self.stale),
                    heartbeat_timeout=timedelta(seconds=self.stale),
                    shutdown_on_listener_failure=True,
                    log_aggregation_interval=timedelta(0),
                )
            )
            try:
                await self._watch_queue(manager, connection, running)
            finally:
                # It would wait for all jobs before it reports that its connection is closed.
                running.cancel()
                await asyncio.wait((running,))
                _discard_error(running)

    async def _watch_queue(
        self,
        manager: QueueManager,
        connection: psycopg.AsyncConnection[Any],
        running: asyncio.Task[None],
    ) -> None:
        stopping = asyncio.create_task(self.stop.wait())
        try:
            while not (running.done() or connection.closed or stopping.done()):
                await asyncio.wait(
                    (running, stopping),
                    timeout=_POLL_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._register(manager)
            if stopping.done() and not connection.closed:
                manager.shutdown.set()
                await asyncio.wait((running,))
        finally:
            stopping.cancel()
            with suppress(asyncio.CancelledError):
                await stopping

    def _register(self, manager: QueueManager) -> None:
        """Register the entrypoints and their limits, which change while jobs are handed out."""
        for name, limit in self.limits().items():
            executor = manager.entrypoint_registry.get(name)  # type: ignore[call-overload] # a NewType
            if executor is None:
                manager.entrypoint(name, concurrency_limit=limit, accepts_context=False)(self._job)
            else:
                executor.parameters.concurrency_limit = limit

    async def _job(self, job: Job) -> None:
        seconds = await self.handle(int(job.payload or b"0"), str(job.entrypoint))
        if seconds is not None:
            raise RetryRequested(timedelta(seconds=max(0.0, seconds)))


def _discard_error(running: asyncio.Task[None]) -> None:
    """Discard the error of PgQueuer's loop: a new loop begins whatever it was."""
    if not running.cancelled():
        running.exception()


async def _connect(address: str) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(address, autocommit=True, **KEEPALIVE)


def _queries(connection: psycopg.AsyncConnection[Any]) -> Queries:
    return Queries(
        PsycopgDriver(connection),
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )
