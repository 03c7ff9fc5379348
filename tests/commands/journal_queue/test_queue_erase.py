"""A customer's data is erased from all that is kept; what is on its way is refused."""

from __future__ import annotations

from pathlib import Path

from engine.journal.pack import unpack

from .bench import Bench, at_bench

ANN, JOANN = "ann@example.com", "jo.ann@example.com"


def everything(bench: Bench) -> str:
    """All texts of the journal, documents unpacked."""
    tables = ("events", "deliveries", "attempts", "acts", "shadows")
    rows = [row for table in tables for row in bench.rows(table)]
    values = [value for row in rows for value in row.values()]
    return repr(
        [
            unpack(bytes(value)) if isinstance(value, bytes | memoryview) else value
            for value in values
        ]
    )


def test_all_orders_of_an_address_are_erased_and_no_others(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        bench.sell("o2", customerEmail=JOANN)
        bench.sell("o3", customerEmail=ANN.upper())
        await bench.deliver()
        assert ANN in everything(bench)
        result = bench.queue("erase", "--email", "Ann@Example.com", "--by", "eve")
        assert (result.exit_code, result.stdout) == (0, "2 orders erased, 2 events\n")
        left = everything(bench)
        assert ANN not in left.replace(JOANN, "")
        assert ANN.upper() not in left
        assert JOANN in left
        assert [row["document"] is None for row in bench.rows("events")] == [True, False, True]
        assert [(act["act"], act["delivery_id"]) for act in bench.rows("acts")] == [
            ("erase", 1),
            ("erase", 3),
        ]

    at_bench(journal_url, tmp_path, work)


def test_no_file_of_the_journal_has_what_was_erased(tmp_path: Path) -> None:
    """Neither its log, nor pages that are not used any more."""
    journal = tmp_path / "journal.db"

    def everywhere(mark: bytes) -> bool:
        return any(mark in file.read_bytes() for file in tmp_path.glob("journal.db*"))

    async def work(bench: Bench) -> None:
        bench.sell("o1", grandTotal="1.00")
        await bench.deliver()
        bench.said("resolve", "1", "--because", f"{ANN} has called")
        marks = [bytes(row["document"])[:60] for row in bench.rows("events")] + [ANN.encode()]
        assert all(everywhere(mark) for mark in marks)
        result = bench.queue("erase", "--order", "o1")
        assert (result.exit_code, "backups still hold" in result.stderr) == (0, True)
        assert not any(everywhere(mark) for mark in marks)

    at_bench(f"sqlite:///{journal}", tmp_path, work)


def test_what_was_erased_is_not_posted_again(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        assert bench.queue("erase", "--order", "o1").exit_code == 0
        assert ANN not in everything(bench)
        posted = bench.said("show", "1")["posted"]
        assert [one["external_id"] for one in posted] == ["erased", "SO-O1"]
        assert "its order was erased at" in bench.queue("show", "1", "--payload").stderr
        assert not bench.arrive("o1").begun
        await bench.deliver()
        assert bench.desk.stands("o1")
        assert bench.queue("audit").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_what_people_wrote_is_erased_too(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1", grandTotal="1.00", customerEmail=JOANN)
        await bench.deliver()
        bench.said("resolve", "1", "--because", f"{ANN} has called")
        assert bench.said("erase", "--email", ANN)["orders"] == 1
        assert ANN not in everything(bench)

    at_bench(journal_url, tmp_path, work)


def test_what_is_on_its_way_is_refused_and_the_rest_is_erased(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        bench.sell("o2", grandTotal="1.00")
        await bench.deliver()
        bench.arrive("o3", customer_email=ANN)
        bench.write("DELETE FROM deliveries WHERE order_key = 'o3'")
        bench.write("UPDATE events SET fate = 'unrouted' WHERE order_key = 'o3'")
        bench.arrive("o4", customer_email=ANN)
        result = bench.queue("erase", "--email", ANN)
        assert result.exit_code == 1
        assert result.stdout == "1 order erased, 1 events\n"
        assert result.stderr.count("E1103") == 2
        assert "order o3 has an event that waits for its tenant's mappings" in result.stderr
        (delivery,) = (row["id"] for row in bench.rows("deliveries") if row["order_key"] == "o4")
        assert f"order o4 cannot be erased: its delivery {delivery} has not ended" in result.stderr
        kept = [row["document"] is not None for row in bench.rows("events")]
        # What was never fetched of o2 names nobody.
        assert kept == [False, True, True, True]
        refused = bench.queue("erase", "--order", "o4")
        assert refused.exit_code == 1
        # What it hints at can be done.
        assert "`park` and `resolve` it first" in refused.stderr
        bench.said("park", "o4")
        assert "or `resolve` it first" in bench.queue("erase", "--order", "o4").stderr
        bench.said("resolve", "o4", "--because", "by hand")
        assert bench.queue("erase", "--order", "o4").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_what_was_erased_is_not_in_the_file_any_more(tmp_path: Path) -> None:
    """SQLite leaves what was removed in free pages, unless told to overwrite it."""
    file = tmp_path / "journal.db"

    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        (attempt,) = bench.rows("attempts")
        (event,) = bench.rows("events")
        documents = [event["document"], attempt["pinned"], attempt["payloads"]]
        there = file.read_bytes()
        assert all(document[2:60] in there for document in documents)
        assert bench.queue("erase", "--order", "o1").exit_code == 0
        left = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
        assert not any(document[2:60] in left for document in documents)

    at_bench(f"sqlite:///{file}", tmp_path, work)


def test_an_order_that_is_not_there_is_told_of(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive("DO000000101")
        result = bench.queue("erase", "--order", "DO00000010")
        assert result.exit_code == 1
        assert "did you mean DO000000101?" in result.stderr
        assert bench.queue("erase").exit_code == 2
        assert bench.queue("erase", "--email", "nobody").exit_code == 2
        assert bench.said("erase", "--email", "nobody@example.com")["orders"] == 0

    at_bench(journal_url, tmp_path, work)
