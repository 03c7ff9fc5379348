"""The writer commits what queued up together; a failure is rolled back and concerns only its own work.

Only PostgreSQL closes connections and detects deadlocks.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from postgres_server import ask, database
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import OperationalError

from engine.findings.errors import JournalError
from engine.journal.database import open_journal
from engine.journal.store import store_event
from engine.journal.tables import EVENTS
from engine.journal.writer import Writer
from journal.journal_events import arrival, stored

_CUT = """select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()"""


@pytest.fixture
def url() -> Iterator[str]:
    with database() as one:
        yield one


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Writer]:
    with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as one:
        yield one


def _run_while_blocked(
    journal: Writer, works: list[Callable[[Connection], object]]
) -> list[object]:
    """Queue works while the only thread of the writer is busy; their results and errors."""
    has_begun, may_end = threading.Event(), threading.Event()

    def block(_connection: Connection) -> None:
        has_begun.set()
        assert may_end.wait(30)

    async def run() -> list[object]:
        blocked = asyncio.create_task(journal.run(block))
        await asyncio.to_thread(has_begun.wait, 30)
        queued = [asyncio.create_task(journal.run(work)) for work in works]
        await asyncio.sleep(0)
        may_end.set()
        await blocked
        return await asyncio.gather(*queued, return_exceptions=True)

    return asyncio.run(run())


def _count_events(journal: Writer) -> int:
    return journal.run_blocking(lambda c: c.scalar(select(func.count()).select_from(EVENTS))) or 0


def test_works_that_queued_up_share_one_commit(journal: Writer) -> None:
    commits: list[Connection] = []
    event.listen(journal.engine, "commit", commits.append)
    events = [arrival(f"o-{number}") for number in range(50)]
    works: list[Callable[[Connection], object]] = [
        partial(store_event, arrival=one) for one in events
    ]
    results = _run_while_blocked(journal, works)
    assert len({result.event for result in results}) == len(events)  # type: ignore[attr-defined] # they are events
    assert len(commits) == 2  # the work that blocked, and all others
    assert _count_events(journal) == len(events)


def test_a_work_that_fails_is_rolled_back_alone(journal: Writer) -> None:
    runs = [0, 0, 0]

    def storing(number: int) -> Callable[[Connection], object]:
        def work(connection: Connection) -> str:
            runs[number] += 1
            store_event(connection, arrival(f"o-{number}"))
            if number == 1:
                raise ValueError("a mistake")
            return f"stored {number}"

        return work

    first, failed, last = _run_while_blocked(journal, [storing(number) for number in range(3)])
    assert (first, last) == ("stored 0", "stored 2")
    assert isinstance(failed, ValueError)
    assert runs == [2, 2, 1]  # first together, as far as the failure, then each alone
    assert _count_events(journal) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_a_commit_without_an_answer_is_not_repeated(journal: Writer, count: int) -> None:
    """It may have been carried out: a claim that ran again would find itself taken."""
    runs = [0] * count

    def storing(number: int) -> Callable[[Connection], object]:
        def work(connection: Connection) -> None:
            runs[number] += 1
            store_event(connection, arrival(f"o-{number}"))

        return work

    def lose_answer(connection: Connection) -> None:
        if sum(runs) == count:
            connection.connection.commit()
            raise OperationalError("COMMIT", None, Exception("the answer is lost"))

    event.listen(journal.engine, "commit", lose_answer)
    results = _run_while_blocked(journal, [storing(number) for number in range(count)])
    event.remove(journal.engine, "commit", lose_answer)
    assert [type(result) for result in results] == [JournalError] * count
    assert runs == [1] * count
    assert _count_events(journal) == count


def test_a_closed_journal_refuses_work(journal: Writer) -> None:
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        _count_events(journal)


def test_a_work_whose_caller_was_cancelled_before_it_started_does_not_run(journal: Writer) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def block(_connection: Connection) -> None:
        has_begun.set()
        assert may_end.wait(30)

    async def run() -> None:
        blocked = asyncio.create_task(journal.run(block))
        await asyncio.to_thread(has_begun.wait, 30)
        queued = asyncio.create_task(journal.run(lambda c: store_event(c, arrival())))
        await asyncio.sleep(0)
        queued.cancel()
        await asyncio.wait((queued,))
        assert queued.cancelled()
        may_end.set()
        await blocked

    asyncio.run(run())
    assert _count_events(journal) == 0


def test_a_connection_that_was_closed_while_idle_fails_no_work(url: str) -> None:
    with open_journal(url) as journal:
        for number in range(6):
            assert stored(journal, arrival(f"o-{number}")).is_new
            ask(url, _CUT)


def test_a_work_whose_connection_is_closed_at_each_run_fails(url: str) -> None:
    times = []

    def cut(connection: Connection) -> None:
        times.append(connection.scalar(text("select 1")))
        ask(url, _CUT)
        connection.execute(text("select 1"))

    with open_journal(url) as journal:
        with pytest.raises(JournalError):
            journal.run_blocking(cut)
        assert times == [1, 1, 1]
        assert stored(journal, arrival()).is_new


def test_after_a_deadlock_both_works_are_committed(url: str) -> None:
    """Two processes that lock the same, each in another order; the server lets one of them fail."""
    both_hold = threading.Barrier(2)
    begun = {1: 0, 2: 0}

    def locking(journal: Writer, mine: int) -> None:
        def work(connection: Connection) -> None:
            begun[mine] += 1
            connection.execute(text(f"select pg_advisory_xact_lock({mine})"))
            if begun[mine] == 1:
                both_hold.wait(30)
            connection.execute(text(f"select pg_advisory_xact_lock({3 - mine})"))

        journal.run_blocking(work)

    with open_journal(url) as one, open_journal(url) as other:
        threads = [threading.Thread(target=locking, args=pair) for pair in ((one, 1), (other, 2))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sorted(begun.values()) == [1, 2]
