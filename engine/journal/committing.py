"""Transactions of many who wait, committed together: one write to the disk for all of them.

Whoever asks is answered when it is on the disk, and only then. When a work or the commit fails, all
is undone and each is tried again by itself, so that none fails for another's sake, unless the file is
locked: then all have waited for it already. A work may be carried out more than once, and only what
it did last counts.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..errors import JournalError

T = TypeVar("T")

# More would hold up those who come next.
_MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Work:
    """A function of a connection, and where its result goes.

    `heard` is for one who waits in an event loop: many are woken with one call.
    """

    do: Callable[[Connection], object]
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
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = _Work(work, heard=heard)
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
        waiting = _Work(work)
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
        is_open = True
        while is_open:
            works, is_open = self._next()
            # Whoever has given up waiting is left out; from here on nobody can.
            works = [work for work in works if work.done.set_running_or_notify_cancel()]
            if works:
                begin = time.perf_counter()
                _commit(self.engine, works)
                self.took(time.perf_counter() - begin)
                _tell(works)

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


def _commit(engine: Engine, works: Sequence[_Work]) -> None:
    """Carry out all of them in one transaction; if that fails, each in its own."""
    try:
        with engine.begin() as connection:
            results = [work.do(connection) for work in works]
    except Exception as error:  # noqa: BLE001 - handed to whoever asked; a thread that ends here would leave all waiting
        if len(works) > 1 and not _is_locked(error):
            for work in works:
                _commit(engine, [work])
            return
        told = _failed(error) if isinstance(error, SQLAlchemyError) else error
        for work in works:
            work.done.set_exception(told)
        return
    for work, result in zip(works, results, strict=True):
        work.done.set_result(result)


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
