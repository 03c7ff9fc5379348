"""Whether everything adds up, and that the audit sees it where something does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy
from damaged_file import damaged
from journal.journal_events import arrival, begun, taken
from postgres_server import database
from sqlalchemy import Connection

from engine.journal.audit import audit_journal
from engine.journal.claim import claim_delivery
from engine.journal.database import open_journal

from .bench import Bench, at_bench

WRONG = "1.00"
TAMPERED = {
    "arrived at least once": "UPDATE events SET arrivals = 0 WHERE id = 1",
    "have a known fate": "UPDATE events SET fate = 'lost' WHERE id = 1",
    "have deliveries": "UPDATE deliveries SET event_id = 2 WHERE event_id = 1",
    "have none of their own": "UPDATE events SET fate = 'ignored' WHERE id = 1",
    "have their event's document": "UPDATE events SET document = NULL WHERE id = 2",
    "have a due time, and only they": "UPDATE deliveries SET due_at = NULL WHERE id = 5",
    "have a holder and a begun attempt, and only they": (
        "UPDATE deliveries SET state = 'running', due_at = NULL WHERE id = 5"
    ),
    "wait for a delivery that has not ended": "UPDATE deliveries SET state = 'resolved' WHERE id = 3",
    "are the only one of their order": (
        "UPDATE deliveries SET state = 'waiting', due_at = 1 WHERE id = 4"
    ),
    "have a reason": "UPDATE deliveries SET reason = NULL WHERE id = 3",
    "are numbered without gaps": "UPDATE attempts SET number = 2 WHERE id = 1",
    "have the version of their mapping stored": "DELETE FROM versions",
    "have a known state": "UPDATE deliveries SET state = 'lost' WHERE id = 1",
}


async def busy(bench: Bench) -> None:
    """Deliveries 1 and 2 are delivered, 3 is parked and 4 held behind it, 5 waits before 6."""
    bench.sell("o1")
    bench.sell("o2", grandTotal=WRONG)
    await bench.deliver()
    bench.sell("o3")
    bench.arrive("o1")
    assert bench.states() == ["delivered", "delivered", "parked", "held", "waiting", "held"]


def test_a_busy_journal_adds_up(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await busy(bench)
        found = bench.said("audit")
        assert found["holds"]
        assert (found["arrivals"], found["events"]) == (4, {"routed": 3})
        assert found["deliveries"] == {"delivered": 2, "held": 2, "parked": 1, "waiting": 1}
        assert {one["must"] for one in found["checks"]} == set(TAMPERED)
        result = bench.queue("audit")
        assert result.exit_code == 0
        assert "4 arrivals of 3 events: 3 routed" in result.stdout
        assert "everything adds up" in result.stdout

    at_bench(journal_url, tmp_path, work, mappings=("sale", "billed"))


def test_an_attempt_that_was_broken_off_adds_up(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        for _ in range(2):
            bench.journal.run_blocking(lambda c: claim_delivery(c, 1, "dead", bench.now()))
            bench.left_running()
        await bench.deliver()
        assert [row["number"] for row in bench.rows("attempts")] == [1, 1, 1]
        assert bench.queue("audit").exit_code == 0
        assert "interrupted" in bench.queue("show", "1").stdout

    at_bench(journal_url, tmp_path, work)


def test_while_deliveries_run_it_adds_up(journal_url: str, tmp_path: Path) -> None:
    """What is claimed has a holder, and keeps the time at which it became due."""

    async def work(bench: Bench) -> None:
        await busy(bench)
        bench.sell("o4")
        for id_ in (5, 7):
            taken(bench.journal, id_)
        assert bench.states().count("running") == 2
        assert bench.queue("audit").exit_code == 0

    at_bench(journal_url, tmp_path, work, mappings=("sale", "billed"))


def test_the_checks_see_one_state_of_the_journal() -> None:
    """A delivery that ends between two checks is in the same state for both."""
    with database() as url, open_journal(url) as journal, open_journal(url) as other:
        begun(journal, arrival("o-1"))

        def work(connection: Connection) -> list[dict[str, int]]:
            found = [audit_journal(connection).states]
            taken(other, begun(other, arrival("o-2")))
            query = "select state, count(*) from deliveries group by state"
            rows = connection.execute(sqlalchemy.text(query))
            return [*found, {str(row[0]): int(row[1]) for row in rows}]

        before, after = journal.run_blocking(work)
        assert before == after == {"waiting": 1}


@pytest.mark.parametrize(
    ("name", "what"), [("ix_deliveries_event_id", "indexes"), ("deliveries", "rows")]
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, name: str, what: str) -> None:
    file = tmp_path / "journal.db"

    async def work(bench: Bench) -> None:
        await busy(bench)
        with damaged(file, name):
            text = bench.queue("audit")
            document = bench.queue("audit", "--format", "json")
        assert text.exit_code == document.exit_code == 1
        assert f"the file is damaged: the {what} of deliveries" in text.stdout
        assert ("REINDEX" in text.stdout) == (what == "indexes")
        assert f'"is_index_only": {str(what == "indexes").lower()}' in document.stdout
        assert bench.queue("audit").exit_code == 0

    at_bench(f"sqlite:///{file}", tmp_path, work, mappings=("sale", "billed"))


@pytest.mark.parametrize("check", TAMPERED)
def test_what_does_not_add_up_is_named(tmp_path: Path, check: str) -> None:
    async def work(bench: Bench) -> None:
        await busy(bench)
        bench.write(TAMPERED[check])
        result = bench.queue("audit", "--format", "json")
        assert result.exit_code == 1
        assert f'"must": "{check}"' in result.stdout
        text = bench.queue("audit")
        assert text.exit_code == 1
        (line,) = [line for line in text.stdout.splitlines() if f" {check} " in line]
        assert "✗" in line
        assert "the journal does not add up" in text.stdout

    url = f"sqlite:///{tmp_path / 'journal.db'}"
    at_bench(url, tmp_path, work, mappings=("sale", "billed"))
