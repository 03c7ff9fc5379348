"""Deliveries taken up by one, given back by the gone, and ended only by who holds them."""

from __future__ import annotations

import pytest
from postgres_server import database
from sqlalchemy import Connection, update

from engine.findings.errors import JournalError
from engine.journal.claim import (
    Job,
    WrittenAttempt,
    claim_delivery,
    find_due,
    find_next_due,
    record_payloads,
)
from engine.journal.claim_due import Claimant, ClaimedBatch, claim_due
from engine.journal.database import open_journal
from engine.journal.heartbeat import record_heartbeat, remove_heartbeat
from engine.journal.recover import (
    POISONED,
    Availability,
    check_availability,
    recover_deliveries,
    recover_expired,
    recover_lost,
)
from engine.journal.states import EVERY_RECORD, DeliveryState
from engine.journal.tables import DELIVERIES, HOLDERS, POISON_STARTS, SUSPECT_STARTS
from engine.journal.writer import Writer
from journal.journal_events import NOW, arrival, begun, ended, stands, taken

LONG = 60_000
HOLDER = "a"
SENT = WrittenAttempt(b"given", "v1", b"payloads")


def test_what_a_dead_process_holds_is_free_before_its_lease_ends() -> None:
    """Not while its last heartbeat is young: a living process may have lost its connection."""
    with database() as url, open_journal(url) as journal:
        id_ = begun(journal, arrival())
        journal.run_blocking(lambda c: record_heartbeat(c, "dead", LONG))
        taken(journal, id_, "dead")
        assert not journal.run_blocking(lambda c: recover_expired(c, NOW, LONG))
        older = update(HOLDERS).values(until=HOLDERS.c.until - LONG // 2)
        journal.run_blocking(lambda c: c.execute(older).close())
        assert not journal.run_blocking(lambda c: recover_expired(c, NOW))
        assert journal.run_blocking(lambda c: recover_expired(c, NOW, LONG)) == [id_]


def test_what_a_process_holds_and_does_not_attempt_is_given_back(journal: Writer) -> None:
    """Its claim was committed, and it never learned of it."""
    ids = [begun(journal, arrival(key)) for key in ("o-1", "o-2", "o-3")]
    for id_, holder in zip(ids, ("a", "a", "b"), strict=True):
        taken(journal, id_, holder)
    journal.run_blocking(lambda c: recover_lost(c, "a", ids[:1], NOW))
    found = [stands(journal, id_).state for id_ in ids]
    assert found == [DeliveryState.RUNNING, DeliveryState.WAITING, DeliveryState.RUNNING]


def test_several_claim_at_once_and_each_delivery_is_taken_by_one() -> None:
    """What another process is claiming is passed over, and not waited for."""
    with database() as url, open_journal(url) as journal, open_journal(url) as other:
        ids = [begun(journal, arrival(f"o-{number}")) for number in range(5)]

        def claim(connection: Connection, holder: str, most: int) -> list[int]:
            room, claimant = {"tiny": most, "acme": 9}, Claimant(holder, NOW, is_idle=True)
            return sorted(one.id for one in claim_due(connection, claimant, room).claims)

        def first(connection: Connection) -> list[list[int]]:
            own = claim(connection, "a", 3)
            return [own, other.run_blocking(claim, "b", 9)]

        assert journal.run_blocking(first) == [ids[:3], ids[3:]]


def test_a_suspect_is_claimed_alone_by_who_is_idle() -> None:
    with database() as url, open_journal(url) as journal:
        ids = [begun(journal, arrival(f"o-{number}")) for number in range(3)]
        suspect = update(DELIVERIES).where(DELIVERIES.c.id == ids[1]).values(starts=SUSPECT_STARTS)
        journal.run_blocking(lambda c: c.execute(suspect).close())

        def claim(connection: Connection, *, is_idle: bool) -> ClaimedBatch:
            return claim_due(connection, Claimant("a", NOW, is_idle), {"tiny": 9})

        assert journal.run_blocking(claim, is_idle=False) == ClaimedBatch()
        batch = journal.run_blocking(claim, is_idle=True)
        assert ([one.id for one in batch.claims], batch.is_suspect) == ([ids[1]], True)
        batch = journal.run_blocking(claim, is_idle=True)
        assert ([one.id for one in batch.claims], batch.is_suspect) == ([ids[0], ids[2]], False)


def test_a_delivery_is_taken_by_one(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    assert taken(journal, id_, "a").event == {"payload": {"id": "o-1"}}
    assert journal.run_blocking(lambda c: claim_delivery(c, id_, "b", NOW)) is None


def test_what_was_kept_is_given_to_whoever_takes_it_over(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    first = taken(journal, id_, "a")
    journal.run_blocking(lambda c: record_payloads(c, first, "a", SENT, "[]"))
    assert journal.run_blocking(lambda c: recover_deliveries(c, NOW)) == [id_]
    second = taken(journal, id_, "b")
    assert (second.doubts, second.given) == (frozenset((EVERY_RECORD,)), SENT)


def test_of_one_that_ended_for_sure_nothing_is_given_on(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    first = taken(journal, id_)
    journal.run_blocking(lambda c: record_payloads(c, first, HOLDER, SENT, "[]"))
    waiting = ended(journal, first, state=DeliveryState.WAITING, due_at=NOW + 5)
    assert (waiting.is_ours, waiting.due) == (True, [Job(id_, "tiny", NOW + 5)])
    second = taken(journal, id_)
    assert (second.doubts, second.given, second.attempts) == (frozenset(), None, 1)


def test_who_lost_the_delivery_records_nothing_before_the_next_claim_either(
    journal: Writer,
) -> None:
    """A frozen process wakes after its delivery was recovered, and before anybody took it."""
    id_ = begun(journal, arrival())
    old = taken(journal, id_, "frozen")
    journal.run_blocking(lambda c: recover_deliveries(c, NOW))
    with pytest.raises(JournalError, match="taken the delivery over"):
        journal.run_blocking(lambda c: record_payloads(c, old, "frozen", SENT, "[]"))
    assert taken(journal, id_, "b").given is None


def test_time_in_which_nobody_could_try_does_not_count(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    first = taken(journal, id_)
    waited = {"unavailable": (1, NOW)}
    ended(journal, first, state=DeliveryState.WAITING, due_at=NOW + 5, waited=waited)
    late = NOW + 5 + 24 * 3_600_000
    claim = journal.run_blocking(lambda c: claim_delivery(c, id_, "b", late))
    assert claim is not None
    assert claim.waited == {"unavailable": (1, late - 5)}


def test_whoever_was_taken_over_changes_nothing(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    old = taken(journal, id_, "frozen")
    journal.run_blocking(lambda c: recover_deliveries(c, NOW))
    new = taken(journal, id_, "b")
    with pytest.raises(JournalError, match="taken the delivery over"):
        journal.run_blocking(lambda c: record_payloads(c, old, "frozen", SENT, "[]"))
    assert not ended(journal, old, "frozen", state=DeliveryState.PARKED).is_ours
    assert stands(journal, id_).state is DeliveryState.RUNNING
    assert ended(journal, new, "b").is_ours


def test_an_attempt_before_another_of_the_same_process_changes_nothing(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    old = taken(journal, id_, "a")
    journal.run_blocking(lambda c: recover_deliveries(c, NOW))
    new = taken(journal, id_, "a")
    assert not ended(journal, old, "a").is_ours
    assert ended(journal, new, "a").is_ours


def test_what_kills_whoever_takes_it_is_parked_at_the_third_time(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    for _ in range(POISON_STARTS):
        taken(journal, id_)
        journal.run_blocking(lambda c: recover_deliveries(c, NOW))
    found = stands(journal, id_)
    assert (found.state, found.reason) == (DeliveryState.PARKED, POISONED)


def test_a_suspect_is_due_alone(journal: Writer) -> None:
    """And nothing else is begun before it has had its turn: others would keep it waiting for ever."""
    other, suspect = begun(journal, arrival("o-1")), begun(journal, arrival("o-2"))
    for _ in range(POISON_STARTS - 1):
        taken(journal, suspect)
        journal.run_blocking(lambda c: recover_deliveries(c, NOW))
    room = {"tiny": 5}
    assert [
        one.id for one in journal.run_blocking(lambda c: find_due(c, NOW, room, is_idle=False))
    ] == []
    assert [
        one.id for one in journal.run_blocking(lambda c: find_due(c, NOW, room, is_idle=True))
    ] == [suspect]
    ended(journal, taken(journal, suspect))
    assert [
        one.id for one in journal.run_blocking(lambda c: find_due(c, NOW, room, is_idle=False))
    ] == [other]


def test_what_waits_is_due_at_its_moment(journal: Writer) -> None:
    id_ = begun(journal, arrival())
    ended(journal, taken(journal, id_), state=DeliveryState.WAITING, due_at=NOW + 500)
    assert journal.run_blocking(lambda c: find_due(c, NOW + 499, {"tiny": 5}, is_idle=True)) == []
    assert journal.run_blocking(lambda c: find_next_due(c, NOW)) == NOW + 500
    assert (
        len(journal.run_blocking(lambda c: find_due(c, NOW + 500, {"tiny": 5}, is_idle=True))) == 1
    )


class TestHanded:
    """What becomes of a delivery that a queue hands to `b`."""

    def test_it_is_taken_up_while_it_waits_and_is_due(self, journal: Writer) -> None:
        id_ = begun(journal, arrival())
        assert (
            journal.run_blocking(lambda c: check_availability(c, id_, "b", NOW)) == Availability()
        )
        ended(journal, taken(journal, id_), state=DeliveryState.WAITING, due_at=NOW + 500)
        assert journal.run_blocking(lambda c: check_availability(c, id_, "b", NOW)) == Availability(
            wait=500
        )

    def test_nothing_is_done_when_it_has_ended_or_is_not_there(self, journal: Writer) -> None:
        id_ = begun(journal, arrival())
        ended(journal, taken(journal, id_))
        assert journal.run_blocking(lambda c: check_availability(c, id_, "b", NOW)).is_over
        assert journal.run_blocking(lambda c: check_availability(c, id_ + 1, "b", NOW)).is_over

    def test_it_is_left_to_a_holder_who_lives(self, journal: Writer) -> None:
        id_ = begun(journal, arrival())
        journal.run_blocking(lambda c: record_heartbeat(c, "a", LONG))
        taken(journal, id_, "a")
        assert journal.run_blocking(lambda c: check_availability(c, id_, "b", NOW)).wait > 0
        assert stands(journal, id_).state is DeliveryState.RUNNING

    @pytest.mark.parametrize("has_sent", [True, False], ids=["writing", "reading"])
    @pytest.mark.parametrize("how", ["frozen", "gone", "own"])
    def test_it_is_taken_over_from_one_who_does_not(
        self, journal: Writer, how: str, *, has_sent: bool
    ) -> None:
        """What it may have written is in doubt; before it recorded its payloads, it wrote nothing."""
        id_ = begun(journal, arrival())
        journal.run_blocking(lambda c: record_heartbeat(c, "a", LONG))
        first = taken(journal, id_, "a")
        if has_sent:
            journal.run_blocking(lambda c: record_payloads(c, first, "a", SENT, "[]"))
        if how == "frozen":
            journal.run_blocking(lambda c: record_heartbeat(c, "a", -1))
        elif how == "gone":
            journal.run_blocking(lambda c: remove_heartbeat(c, "a"))
        by = "a" if how == "own" else "b"
        assert journal.run_blocking(lambda c: check_availability(c, id_, by, NOW)) == Availability(
            starts=1
        )
        assert taken(journal, id_, by).doubts == (
            frozenset((EVERY_RECORD,)) if has_sent else frozenset()
        )

    def test_all_that_the_gone_held_is_given_back(self, journal: Writer) -> None:
        theirs, ours = begun(journal, arrival("o-1")), begun(journal, arrival("o-2"))
        journal.run_blocking(lambda c: record_heartbeat(c, "b", LONG))
        taken(journal, theirs, "a")
        taken(journal, ours, "b")
        assert journal.run_blocking(lambda c: recover_expired(c, NOW)) == [theirs]
        assert stands(journal, ours).state is DeliveryState.RUNNING


def test_words_that_no_database_holds_are_kept_as_well_as_can_be(journal: Writer) -> None:
    """An order may have anything in it, and its delivery ends all the same."""
    id_ = begun(journal, arrival())
    words = "the currency is 'a\x00b' or '\ud83d', not 'ä😀'"
    assert ended(journal, taken(journal, id_), state=DeliveryState.PARKED, words=words).is_ours
    assert stands(journal, id_).words == words.replace("\x00", r"\u0000").replace(
        "\ud83d", r"\ud83d"
    )
