"""Whether everything adds up, and that the audit sees it where something does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.journal.claim import claim_delivery

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
