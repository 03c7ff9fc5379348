"""Transactions of many who wait, committed together: one write to the disk for all of them.

Whoever asks is answered when it is on the disk, and only then. When a work or the commit fails, all
is undone and each is tried again by itself, so that none fails for another's sake, unless the file is
locked: then all have waited for it already. One that failed by a deadlock, or because its connection
had ended, is tried again. A work may be carried out more than once, and only what it did last counts.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..findings.errors import JournalError

T = TypeVar("T")
One = TypeVar("One")

# More would hold up those who come next.
_MOST_AT_ONCE = 200
# So long a connection is kept by who does not use it.
_IDLE_SECONDS = 1.0
# So often a work is tried that failed for a reason which passes by itself.
_TIMES = 3
_DEADLOCK = "40P01"

_Many = Callable[[Connection, Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Work:
    """What is asked of the journal, and where its result goes.

    `do` gives a result for each of many, of which `given` is one: those of one `do` are done together.
    `heard` is for one who waits in an event loop: many are woken with one call.
    """

    do: _Many
    given: object
    done: Future[Any] = field(default_factory=Future)
    heard: asyncio.Future[None] | None = None


class Committer:
    """The journal's only door: functions of a connection, each one transaction; close it.

    `took` hears, on a thread that writes, of the seconds of each commit.
    """

    def __init__(self, engine: Engine, *, writers: int) -> None:
        self.engine = engine
        self.took: Callable[[float], None] = lambda _seconds: None
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._commit_all, name=f"journal-{number}", daemon=True)
            for number in range(writers)
        ]
        for thread in self._threads:
            thread.start()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once it is committed. Raise what it raises, or JournalError."""
        done: T = await self.together(_each, work)  # type: ignore[arg-type] # _each gives what each gives
        return done

    async def together(
        self, work: Callable[[Connection, Sequence[One]], Sequence[T]], one: One
    ) -> T:
        """What `work` returns for one of all that wait for it: a result for each, in their order.

        Raises as `do` does.
        """
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = _Work(work, one, heard=heard)
        self._waiting.put(waiting)
        try:
            await heard
        except asyncio.CancelledError:
            waiting.done.cancel()  # unless it has begun
            raise
        done: T = waiting.done.result()
        return done

    def now(self, work: Callable[[Connection], T]) -> T:
        """The same for whoever has no event loop."""
        waiting = _Work(_each, work)
        self._waiting.put(waiting)
        done: T = waiting.done.result()
        return done

    def close(self) -> None:
        """Finish what waits, and close all connections."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        self.engine.dispose()

    def _commit_all(self) -> None:
        is_open, kept = True, _Kept(self.engine)
        while is_open:
            works, is_open = self._next()
            # Whoever has given up waiting is left out; from here on nobody can.
            works = [work for work in works if work.done.set_running_or_notify_cancel()]
            if works:
                begin = time.perf_counter()
                _commit(kept, works)
                self.took(time.perf_counter() - begin)
                _tell(works)
        kept.close()

    def _next(self) -> tuple[list[_Work], bool]:
        """All that wait, at least one; and whether there will be more."""
        works: list[_Work] = []
        work = self._waiting.get()
        while work is not None:
            works.append(work)
            if len(works) == _MOST_AT_ONCE:
                return works, True
            try:
                work = self._waiting.get_nowait()
            except Empty:
                return works, True
        return works, False


class _Kept:
    """A connection that one thread goes on using while it has much to do.

    One that was idle, or failed, is taken from the pool anew, which sees whether the server is there.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._used = 0.0

    @contextmanager
    def begun(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block."""
        if self._connection is None or time.monotonic() - self._used > _IDLE_SECONDS:
            self.close()
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                yield self._connection
        except BaseException:
            self.close()
            raise
        self._used = time.monotonic()

    def close(self) -> None:
        """Give it back, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _commit(kept: _Kept, works: Sequence[_Work], times: int = 1) -> None:
    """Carry out all of them in one transaction; if that fails, each in its own."""
    results: list[object] | None = None
    try:
        with kept.begun() as connection:
            results = _results(connection, works)
    except Exception as error:  # noqa: BLE001 - handed to whoever asked; a thread that ends here would leave all waiting
        if len(works) > 1 and not _is_locked(error):
            for work in works:
                _commit(kept, [work])
        elif times < _TIMES and results is None and _passes(error):
            _commit(kept, works, times + 1)
        else:
            _fail(works, error)
        return
    for work, result in zip(works, results, strict=True):
        work.done.set_result(result)


def _fail(works: Sequence[_Work], error: Exception) -> None:
    told = _failed(error) if isinstance(error, SQLAlchemyError) else error
    for work in works:
        work.done.set_exception(told)


def _passes(error: Exception) -> bool:
    """Whether nothing was done, and may be done at once: a deadlock, or a connection that had ended.

    Its server may have been started anew since it was used.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) == _DEADLOCK


def _results(connection: Connection, works: Sequence[_Work]) -> list[object]:
    """The result of each; what is done together is done where the first of it stands."""
    groups: dict[_Many, list[int]] = {}
    for place, work in enumerate(works):
        groups.setdefault(work.do, []).append(place)
    results: dict[int, object] = {}
    for do, places in groups.items():
        found = do(connection, [works[place].given for place in places])
        results.update(zip(places, found, strict=True))
    return [results[place] for place in range(len(works))]


def _each(connection: Connection, works: Sequence[Callable[[Connection], object]]) -> list[object]:
    return [work(connection) for work in works]


def _tell(works: Iterable[_Work]) -> None:
    """Wake those who wait in event loops, each loop once."""
    waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for work in works:
        if work.heard is not None:
            waiting.setdefault(work.heard.get_loop(), []).append(work.heard)
    for loop, theirs in waiting.items():
        with suppress(RuntimeError):  # it is closed: nobody waits any more
            loop.call_soon_threadsafe(_wake, theirs)


def _wake(waiting: Iterable[asyncio.Future[None]]) -> None:
    for one in waiting:
        if not one.done():
            one.set_result(None)


def _is_locked(error: Exception) -> bool:
    """Whether somebody else has a file of SQLite: each by itself would wait as long once more."""
    code: int = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY


def _failed(error: SQLAlchemyError) -> JournalError:
    # Undoing what failed may have failed as well: the first of them all is the cause.
    before: BaseException | None = error
    while before is not None:
        error = before if isinstance(before, DBAPIError) else error
        before = before.__context__
    cause = error.orig if isinstance(error, DBAPIError) else error
    first = str(cause).strip().splitlines()
    words = first[0][:200] if first else type(cause).__name__
    return JournalError(f"the journal cannot be written: {words}")
