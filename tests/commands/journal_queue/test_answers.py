"""What NetSuite answered about each record is kept with the attempt: nothing of the customer's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.simulator.faults import Fault

from .bench import Bench, at_bench


def answers(bench: Bench, attempt: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.said("show", "1")["attempts"][attempt]["answers"]
    return found


def test_each_record_has_its_answers(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        customer, sale = answers(bench)
        done = {"verdict": "delivered", "status": 204, "class": "2xx", "codes": []}
        assert (customer["record"], customer["answers"]) == ("customer", [done])
        assert (sale["how"], sale["answers"], sale["stopped"]) == ("created", [done], None)
        assert sale["id"] == bench.desk.records()[0]["id"]
        assert "ann@example.com" not in str(answers(bench))

    at_bench(journal_url, tmp_path, work)


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        (Fault.COMMIT_THEN_DROP, [("unknown", None, "already there")]),
        (Fault.COMMIT_THEN_ERROR, [("unknown", 500, "already there")]),
        (Fault.DROP, [("unknown", None, "created"), ("delivered", 204, "created")]),
    ],
)
def test_every_answer_on_the_way_is_there(
    tmp_path: Path, fault: Fault, heard: list[tuple[str, int | None, str]]
) -> None:
    async def work(bench: Bench) -> None:
        bench.desk.strike(fault, 2)
        bench.sell("o1")
        await bench.deliver()
        sale = answers(bench)[1]
        told = [(one["verdict"], one["status"], sale["how"]) for one in sale["answers"]]
        assert told == heard

    at_bench(f"sqlite:///{tmp_path / 'journal.db'}", tmp_path, work)


def test_what_stopped_it_is_told(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.desk.strike(Fault.THROTTLE, 2)
        bench.sell("o1")
        await bench.deliver()
        customer, sale = answers(bench)
        assert customer["how"] == "created"
        assert (sale["stopped"], sale["id"]) == ("throttled", None)
        assert sale["answers"][0]["status"] == 429
        assert sale["answers"][0]["codes"] == ["TOO_MANY_REQUESTS", "CONCURRENCY_LIMIT_EXCEEDED"]

    at_bench(journal_url, tmp_path, work)
