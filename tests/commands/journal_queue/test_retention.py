"""What ended long ago loses its documents, and is still known when it comes again."""

from __future__ import annotations

from pathlib import Path

from .bench import DAY, Bench, at_bench

WRONG = "1.00"


async def sold_long_ago(bench: Bench) -> None:
    """An order delivered 100 days ago, one parked then, one that no mapping wanted, and one of now."""
    bench.ahead = -100 * DAY
    bench.sell("old")
    bench.sell("wrong", grandTotal=WRONG)
    bench.arrive("unwanted", name="return.processed")
    await bench.deliver()
    bench.ahead = 0
    bench.sell("new")
    await bench.deliver()


def test_documents_of_what_ended_long_ago_are_removed(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await sold_long_ago(bench)
        result = bench.queue("purge", "--older-than", "90d", "--dry-run")
        assert result.stdout == "documents of 2 events would be removed\n"
        assert all(row["document"] for row in bench.rows("events"))
        assert bench.said("purge", "--older-than", "90d") == {"events": 2, "removed": True}
        kept = [row["document"] is not None for row in bench.rows("events")]
        assert kept == [False, True, False, True]
        old, wrong, new = bench.rows("attempts")
        assert (old["pinned"], old["payloads"], old["answers"]) == (None, None, None)
        assert wrong["words"]
        assert new["payloads"]
        assert bench.said("purge", "--older-than", "90d")["events"] == 0
        assert bench.queue("audit").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_the_facts_stay_and_a_late_duplicate_is_known(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await sold_long_ago(bench)
        bench.said("purge", "--older-than", "90d")
        again = bench.arrive("old")
        assert not again.begun
        another = bench.arrive("old", changed=True)
        assert (another.fate, another.begun) == ("duplicate", ())
        await bench.deliver()
        assert bench.desk.stands("old")
        posted = bench.said("show", "1")["posted"]
        assert [one["external_id"] for one in posted] == ["C-ann@example.com", "SO-OLD"]
        told = bench.queue("replay", "1").stderr
        assert "the journal keeps no documents" in told
        assert "its documents were purged" in told

    at_bench(journal_url, tmp_path, work)


def test_all_batches_are_purged(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.ahead = -100 * DAY
        bench.arrive_many(450, "return.processed")
        assert bench.said("purge", "--older-than", "90d")["events"] == 450
        assert not any(row["document"] for row in bench.rows("events"))

    at_bench(f"sqlite:///{tmp_path / 'journal.db'}", tmp_path, work)
