"""Events stored: each once, joined by those that say the same, in the order of their order."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from engine.findings.errors import JournalError
from engine.journal.audit import audit_journal
from engine.journal.backlog import list_backlog, route_event
from engine.journal.claim import Job
from engine.journal.database import open_journal
from engine.journal.events import Arrival, EventFate, Route, StoredEvent
from engine.journal.states import DeliveryState
from engine.journal.store import store_event
from engine.journal.writer import Writer
from journal.journal_events import NOW, arrival, begun, ended, stands, stored, taken


def test_the_same_event_again_is_counted_and_joins_its_delivery(journal: Writer) -> None:
    one = arrival()
    first, again = stored(journal, one), stored(journal, one)
    assert first.is_new
    assert not again.is_new
    assert (again.event, again.deliveries, again.begun) == (first.event, first.deliveries, ())


def test_another_body_of_the_same_identity_is_kept_and_begins_nothing(journal: Writer) -> None:
    first, other = stored(journal, arrival()), stored(journal, arrival())
    assert other.event != first.event
    assert (other.fate, other.deliveries, other.begun) == (
        EventFate.DUPLICATE,
        first.deliveries,
        (),
    )


def test_what_joined_anothers_delivery_is_told_of_it_each_time_it_comes(journal: Writer) -> None:
    first, other = stored(journal, arrival()), arrival()
    assert [stored(journal, other).deliveries for _ in range(3)] == [first.deliveries] * 3


def test_an_event_that_waited_is_routed_once_by_many_who_saw_it_wait(journal: Writer) -> None:
    """Each looked before any of them routed it; the journal still adds up."""
    waiting = arrival(routes=(), fate=EventFate.UNROUTED, reason="cannot run")
    event = stored(journal, waiting).event
    assert [one.id for one in journal.run_blocking(lambda c: list_backlog(c, "tiny", 9))] == [event]
    wanted, routed = replace(waiting, routes=(Route("sale", "o-1"),), fate=EventFate.ROUTED), []
    threads = [
        threading.Thread(
            target=lambda: routed.append(
                journal.run_blocking(lambda c: route_event(c, event, wanted))
            )
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(one.fate, one.deliveries) for one in routed} == {
        (EventFate.ROUTED, routed[0].deliveries)
    }
    assert sum(len(one.begun) for one in routed) == 1
    assert journal.run_blocking(audit_journal).holds


def test_another_identity_of_the_same_order_waits_behind_the_first(journal: Writer) -> None:
    first = begun(journal, arrival("o-1"))
    second = begun(journal, arrival("o-1", routes=(Route("cancellation", "c-1"),)))
    assert stands(journal, second).state is DeliveryState.HELD
    assert ended(journal, taken(journal, first)).due == [Job(second, "tiny", NOW)]
    assert stands(journal, second).state is DeliveryState.WAITING


def test_what_ends_in_parked_lets_nobody_go_on(journal: Writer) -> None:
    first = begun(journal, arrival("o-1"))
    second = begun(journal, arrival("o-1", routes=(Route("cancellation", "c-1"),)))
    assert ended(journal, taken(journal, first), state=DeliveryState.PARKED).due == []
    assert stands(journal, second).state is DeliveryState.HELD


def test_an_order_of_another_tenant_is_another_order(journal: Writer) -> None:
    begun(journal, arrival("o-1"))
    other = begun(journal, arrival("o-1", tenant="other"))
    assert stands(journal, other).state is DeliveryState.WAITING


def test_stored_by_many_at_once_there_is_one_delivery(journal: Writer) -> None:
    """Each has another body, so that only the identity makes them the same."""
    results: list[StoredEvent] = []

    def send(one: Arrival) -> None:
        results.append(stored(journal, one))

    threads = [threading.Thread(target=send, args=(arrival(),)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.deliveries for one in results}) == 1
    assert sum(len(one.begun) for one in results) == 1


def test_an_order_held_while_the_one_before_ends_goes_on(journal: Writer) -> None:
    """Held behind another that ends at the same moment: whoever comes second sees the first."""
    left: list[int] = []

    def begin(number: int, key: str) -> None:
        left.append(begun(journal, arrival(key, routes=(Route("cancellation", f"{number}"),))))

    for round_ in range(40):
        key = f"o-{round_}"
        first = taken(journal, begun(journal, arrival(key)))
        beside = threading.Thread(target=begin, args=(round_, key))
        beside.start()
        ended(journal, first)
        beside.join()
    assert {stands(journal, id_).state for id_ in left} == {DeliveryState.WAITING}


def test_what_fails_is_alone_with_it(journal: Writer) -> None:
    def fails(_connection: object) -> None:
        raise JournalError("on purpose")

    with pytest.raises(JournalError, match="on purpose"):
        journal.run_blocking(fails)
    assert stored(journal, arrival()).is_new


def test_the_journal_is_there_when_it_is_opened_again(journal_url: str) -> None:
    one = arrival()
    with open_journal(journal_url) as journal:
        first = stored(journal, one)
    with open_journal(journal_url) as journal:
        assert journal.run_blocking(lambda c: store_event(c, one)).event == first.event


def test_many_open_a_new_journal_together(journal_url: str) -> None:
    if not journal_url.startswith("postgresql"):
        pytest.skip("one process for one file")
    failed: list[JournalError] = []

    def open_() -> None:
        try:
            with open_journal(journal_url) as journal:
                stored(journal, arrival())
        except JournalError as error:
            failed.append(error)

    threads = [threading.Thread(target=open_) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
