"""Group commit: jobs that queued up are committed together, with one write to the disk.

A caller gets its result after the commit. When a job fails, the transaction is rolled back and each job
runs again in a transaction of its own, so that no job fails because of another. A deadlock, or a
connection that the server had closed, is retried. A COMMIT that fails is not: the journal may hold its
changes, so every caller of the batch gets the error.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..findings.errors import JournalError

P = ParamSpec("P")
T = TypeVar("T")

# A longer batch delays the works behind it.
_MAX_BATCH = 200
# Seconds after which an idle connection goes back to the pool, which tests it before the next use.
_IDLE_SECONDS = 1.0
# Runs of a work that fails by a deadlock or a closed connection.
_MAX_RUNS = 3
_DEADLOCK = "40P01"


@dataclass(frozen=True, slots=True)
class _Job:
    """A work in the queue, and the future that its caller waits for."""

    work: Callable[[Connection], Any]
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """An open journal: runs works (functions of a connection) on its threads, and commits them.

    `observe` is called on a thread of the writer with the seconds that each batch took; it must not raise.
    """

    def __init__(self, engine: Engine, *, threads: int) -> None:
        self.engine = engine
        self.observe: Callable[[float], None] = lambda _seconds: None
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._commit_queued, name=f"journal-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def run(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return the result of `work(connection, ...)` after its commit.

        Raise the error of `work`, or JournalError. A work that has not started when the caller is
        cancelled does not run.
        """
        result: T = await asyncio.wrap_future(self._put(partial(_call, work, args, kwargs)))
        return result

    def run_blocking(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do the same for a caller without an event loop."""
        result: T = self._put(partial(_call, work, args, kwargs)).result()
        return result

    def close(self) -> None:
        """Commit what is queued, stop the threads and close all connections."""
        with self._lock:
            self._is_closed = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self.engine.dispose()

    def _put(self, work: Callable[[Connection], object]) -> Future[Any]:
        job = _Job(work)
        with self._lock:  # behind the end of the queue nothing would take the job
            if self._is_closed:
                raise JournalError("the journal is closed")
            self._queue.put(job)
        return job.future

    def _commit_queued(self) -> None:
        """Commit batches until the queue is closed."""
        is_open, connection = True, _ReusedConnection(self.engine)
        while is_open:
            batch, is_open = self._take_batch()
            # A job that its caller has cancelled is left out; from here on it cannot be cancelled.
            jobs = [job for job in batch if job.future.set_running_or_notify_cancel()]
            if jobs:
                begin = time.perf_counter()
                _commit_jobs(connection, jobs)
                self.observe(time.perf_counter() - begin)
        connection.close()

    def _take_batch(self) -> tuple[list[_Job], bool]:
        """All queued jobs, after a wait for the first; and false when the queue is closed."""
        batch: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            batch.append(job)
            if len(batch) == _MAX_BATCH:
                return batch, True
            try:
                job = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False


def _call(
    work: Callable[..., T],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    connection: Connection,
) -> T:
    return work(connection, *args, **kwargs)


class _ReusedConnection:
    """A connection that one thread keeps between transactions that follow each other closely.

    After a pause or a failure it is taken from the pool again, which tests whether it still works.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._used = 0.0

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block and rolled back when it raises."""
        if self._connection is None or time.monotonic() - self._used > _IDLE_SECONDS:
            self.close()
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                yield self._connection
        except BaseException as error:
            if _is_damage(error):
                # Its cache holds the damaged pages, also when the file has been mended.
                self._connection.invalidate()
            self.close()
            raise
        self._used = time.monotonic()

    def close(self) -> None:
        """Return the connection to the pool, if one is held."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _commit_jobs(connection: _ReusedConnection, jobs: Sequence[_Job], run: int = 1) -> None:
    """Run all jobs in one transaction; when a job fails, each in a transaction of its own."""
    results: list[Any] | None = None
    try:
        with connection.transaction() as begun:
            results = [job.work(begun) for job in jobs]
    except Exception as error:  # noqa: BLE001 - the caller gets it; if this thread ended, all callers would wait forever
        if results is not None:  # the COMMIT failed, and may have been carried out all the same
            _fail_jobs(jobs, error)
        elif len(jobs) > 1 and not _is_locked(error):
            for job in jobs:
                _commit_jobs(connection, [job])
        elif run < _MAX_RUNS and _is_transient(error):
            _commit_jobs(connection, jobs, run + 1)
        else:
            _fail_jobs(jobs, error)
        return
    for job, result in zip(jobs, results, strict=True):
        job.future.set_result(result)


def _fail_jobs(jobs: Sequence[_Job], error: Exception) -> None:
    raised = _journal_error(error) if isinstance(error, SQLAlchemyError) else error
    for job in jobs:
        job.future.set_exception(raised)


def _is_transient(error: Exception) -> bool:
    """Whether the server rolled back, and a new run can succeed: a deadlock, or a closed connection.

    A server that restarts closes the connections of the pool.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) == _DEADLOCK


def _is_locked(error: Exception) -> bool:
    """Whether another process has locked the file of SQLite: each job alone would wait as long again."""
    code: int = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY


def _is_damage(error: BaseException) -> bool:
    """Whether SQLite found its file damaged or could not read it."""
    code: int = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)


def _journal_error(error: SQLAlchemyError) -> JournalError:
    # The rollback may have failed as well: the first error of the chain is the cause.
    before: BaseException | None = error
    while before is not None:
        error = before if isinstance(before, DBAPIError) else error
        before = before.__context__
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines()
    words = lines[0][:200] if lines else type(cause).__name__
    return JournalError(f"the journal cannot be written: {words}")
