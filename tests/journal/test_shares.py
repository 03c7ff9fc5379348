"""An account's allowance shared by processes: together never more, and nobody is left without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_server import database
from sqlalchemy import Connection, update

from engine.findings.errors import JournalError
from engine.journal.database import open_journal
from engine.journal.heartbeat import SESSION_CLASS, record_heartbeat
from engine.journal.shares import (
    ShareRequest,
    count_leased,
    count_left,
    divide_allowance,
    lease_share,
)
from engine.journal.tables import ALLOWANCES, SHARES
from engine.journal.writer import Writer

MOST = 6


def claims(journal: Writer, holder: str, wanted: int, **more: Any) -> int:
    one = ShareRequest(
        "acc", holder, **{"most": MOST, "wanted": wanted, "open": 0, "lease": 60_000, **more}
    )
    return journal.run_blocking(lambda c: lease_share(c, one))


def all_held(journal: Writer) -> int:
    return journal.run_blocking(lambda c: count_leased(c, "acc"))


def pass_over(journal: Writer, **milliseconds: int) -> None:
    """Let leases and the allowance's last change be so much longer ago."""
    table, column = ((SHARES, "until"), (ALLOWANCES, "changed_at"))["changed_at" in milliseconds]
    by = milliseconds[column]
    journal.run_blocking(lambda c: c.execute(update(table).values({column: table.c[column] - by})))


def test_who_is_alone_has_what_it_wants_up_to_all(journal: Writer) -> None:
    assert claims(journal, "a", 2) == 2
    assert claims(journal, "a", 20) == MOST


def test_one_that_waits_gets_its_part_as_the_other_gives_it_back(journal: Writer) -> None:
    assert claims(journal, "a", 20) == MOST
    assert claims(journal, "b", 20) == 0
    assert claims(journal, "a", 20, open=MOST) == 3  # what is open still stays counted
    assert claims(journal, "b", 20) == 0
    assert claims(journal, "a", 20, open=4) == 3
    assert claims(journal, "b", 20) == 2
    assert all_held(journal) == MOST


def test_who_wants_little_leaves_the_rest(journal: Writer) -> None:
    claims(journal, "a", 1)
    assert claims(journal, "b", 20) == MOST - 1


def test_who_wants_nothing_holds_nothing(journal: Writer) -> None:
    claims(journal, "a", 20)
    assert claims(journal, "a", 0) == 0
    assert all_held(journal) == 0


def test_the_dead_keep_theirs_until_their_lease_ends(journal: Writer) -> None:
    claims(journal, "dead", MOST)
    assert claims(journal, "b", 20) == 0
    pass_over(journal, until=59_000)
    assert claims(journal, "b", 20, lease=120_000) == 0
    pass_over(journal, until=2_000)
    assert claims(journal, "b", 20) == MOST


def test_what_the_dead_had_open_counts_for_a_while() -> None:
    assert [count_left(5, since) for since in (0, 4_999, 5_000, 5_500, 6_999, 7_000, 60_000)] == [
        *(5, 5, 4, 3, 1, 0, 0)
    ]


def test_of_the_dead_whose_session_is_gone_only_what_is_open_counts() -> None:
    """A frozen process has its session, and one that records no heartbeats may be of any kind."""
    with database() as url, open_journal(url) as journal, session("frozen", url):
        for holder in ("dead", "frozen"):
            journal.run_blocking(record_heartbeat, holder, 10_000)
        claims(journal, "dead", 2)
        claims(journal, "frozen", 2)
        claims(journal, "unknown", 2)
        assert claims(journal, "b", 20) == 0
        pass_over(journal, until=4_000)
        assert claims(journal, "b", 20) == 0
        pass_over(journal, until=1_000)
        assert claims(journal, "b", 20) in (1, 2)
        pass_over(journal, until=500)
        assert claims(journal, "b", 20) == 2
        pass_over(journal, until=60_000)
        assert claims(journal, "b", 20) == MOST


@contextmanager
def session(holder: str, url: str) -> Iterator[None]:
    """The lock that a living process holds."""
    with psycopg.connect(url) as connection:
        query = f"select pg_advisory_lock_shared({SESSION_CLASS}, hashtext('{holder}'))"
        connection.execute(query.encode())
        yield


def test_who_was_frozen_and_has_requests_open_is_counted_again(journal: Writer) -> None:
    claims(journal, "a", 4)
    pass_over(journal, until=61_000)
    assert claims(journal, "b", 20) == MOST
    assert claims(journal, "a", 4, open=4) == 0
    assert claims(journal, "c", 4) == 0


def test_a_throttled_account_takes_half_and_grows_back(journal: Writer) -> None:
    assert claims(journal, "a", 20) == MOST
    pass_over(journal, changed_at=60_000)
    assert claims(journal, "a", 20, was_throttled=True) == 3
    assert claims(journal, "a", 20, was_throttled=True) == 3  # those that were refused together
    for grown in (4, 5, 6, 6):
        pass_over(journal, changed_at=10_001)
        assert claims(journal, "a", 20) == grown


def test_one_request_is_always_left(journal: Writer) -> None:
    for _ in range(5):
        pass_over_all = claims(journal, "a", 20, was_throttled=True)
        journal.run_blocking(lambda c: c.execute(update(ALLOWANCES).values(changed_at=0)))
    assert pass_over_all == 1


def test_accounts_have_nothing_to_do_with_each_other(journal: Writer) -> None:
    claims(journal, "a", 20)
    other = ShareRequest("other", "b", MOST, 20, 0, 60_000)
    assert journal.run_blocking(lambda c: lease_share(c, other)) == MOST


@given(
    st.integers(1, 30),
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=1),
    st.integers(0, 5),
)
def test_shares_are_fair(cap: int, wants: dict[str, int], round_: int) -> None:
    shares = divide_allowance(cap, wants, round_)
    assert sum(shares.values()) == min(cap, sum(wants.values()))
    assert all(shares[one] <= wants[one] for one in wants)
    short = [shares[one] for one in wants if shares[one] < wants[one]]
    assert not short or max(shares.values()) - min(short) <= 1


def test_with_fewer_than_one_for_each_all_have_their_turn() -> None:
    wants = dict.fromkeys("abcde", 9)
    had = {
        one
        for round_ in range(40)
        for one, share in divide_allowance(2, wants, round_).items()
        if share
    }
    assert had == set(wants)


@pytest.mark.parametrize("processes", [2, 5])
def test_whoever_claims_when_together_it_is_never_more(journal: Writer, processes: int) -> None:
    """Claims in any order; each opens at once what it may, and a half ends before the next."""
    opens = dict.fromkeys(range(processes), 0)
    for step in range(120):
        who = step * 7 % processes
        wanted = (step * 5) % 11
        opens[who] //= 2
        may = claims(journal, str(who), max(wanted, opens[who]), open=opens[who])
        opens[who] = max(opens[who], may)
        assert sum(opens.values()) <= MOST


def test_what_was_open_when_a_lease_was_over_is_no_claim_to_another_s_part(
    journal: Writer,
) -> None:
    claims(journal, "a", 20)
    pass_over(journal, until=60_000)  # it was frozen
    assert claims(journal, "b", 20) == MOST
    assert claims(journal, "a", 20, open=3) == 0
    assert claims(journal, "a", 20) == 0
    assert claims(journal, "b", 20, open=3) == 3
    assert claims(journal, "a", 20) == 3


def test_a_process_frozen_in_the_middle_of_its_claim_holds_nobody_up_for_long() -> None:
    is_frozen, thawed = Event(), Event()

    def freeze(connection: Connection) -> None:
        lease_share(connection, ShareRequest("acc", "a", MOST, 20, 0, 60_000))
        is_frozen.set()
        thawed.wait()

    with database() as url, open_journal(url) as journal, open_journal(url) as frozen:
        claims(journal, "b", 1)  # there is a row to be locked
        thread = Thread(target=pytest.raises, args=(JournalError, frozen.run_blocking, freeze))
        thread.start()
        is_frozen.wait()
        assert claims(journal, "b", 20) == MOST
        thawed.set()
        thread.join()
        assert claims(frozen, "a", 20) == 0  # and its connection is no loss
