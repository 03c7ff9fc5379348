"""What passes by itself is tried again; only PostgreSQL ends connections and finds deadlocks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from postgres_server import ask, database
from sqlalchemy import Connection, text

from engine.findings.errors import JournalError
from engine.journal.database import open_journal
from engine.journal.writer import Writer
from journal.arriving import arrival, stored

_CUT = """select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()"""


@pytest.fixture
def url() -> Iterator[str]:
    with database() as one:
        yield one


def test_a_connection_that_was_cut_while_nobody_used_it_fails_nobody(url: str) -> None:
    with open_journal(url) as journal:
        for number in range(6):
            assert stored(journal, arrival(f"o-{number}")).is_new
            ask(url, _CUT)


def test_one_that_is_cut_each_time_is_told(url: str) -> None:
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


def test_of_two_that_wait_for_each_other_both_are_done(url: str) -> None:
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
