"""What an operator sees: lists, causes, one delivery with all about it, lines of JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from engine.mapping.files.posted_orders import PostedOrders

from .bench import Bench, at_bench, queue

WRONG = "1.00"


def test_what_has_not_ended_is_listed_with_the_counts_of_all(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        bench.sell("o2", grandTotal=WRONG)
        await bench.deliver()
        result = bench.queue("list")
        assert result.exit_code == 0
        assert "O2" not in result.stdout  # the event names an order by its id
        assert "o2" in result.stdout
        assert "o1" not in result.stdout
        assert "tiny: 1 delivered, 1 parked" in result.stdout
        assert "1 of 1 deliveries" in result.stderr
        listed = bench.said("list", "--all")
        assert [one["state"] for one in listed["deliveries"]] == ["delivered", "parked"]
        assert listed["counts"] == {"tiny": {"delivered": 1, "parked": 1}}

    at_bench(journal_url, tmp_path, work)


def test_lists_come_in_pages_and_are_narrowed(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        for number in range(5):
            bench.arrive(f"o{number}")
        bench.arrive("o0")
        first = bench.said("list", "--limit", "2")
        assert [one["id"] for one in first["deliveries"]] == [1, 2]
        assert first["chosen"] == 5
        rest = bench.said("list", "--after", str(first["next"]))
        assert [one["id"] for one in rest["deliveries"]] == [3, 4, 5]
        assert rest["next"] is None
        assert [one["id"] for one in bench.said("list", "--order", "o3")["deliveries"]] == [4]
        assert bench.said("list", "--tenant", "other")["chosen"] == 0
        assert bench.said("list", "--since", "2h")["chosen"] == 5
        assert bench.said("list", "--since", "2099-01-01")["chosen"] == 0
        assert bench.queue("list", "--since", "soon").exit_code == 2

    at_bench(journal_url, tmp_path, work)


def test_orders_parked_for_one_cause_are_one_line(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        for key in ("o1", "o2", "o3"):
            bench.sell(key, grandTotal=WRONG)
        await bench.deliver()
        (cause,) = bench.said("list", "--causes")
        assert (cause["count"], cause["reason"], cause["example"]) == (3, "findings", 3)
        result = bench.queue("list", "--causes")
        assert cause["cause"] in result.stdout
        assert "3 parked for 1 causes" in result.stderr
        assert bench.said("list", "--cause", cause["cause"])["chosen"] == 3

    at_bench(journal_url, tmp_path, work)


def test_one_delivery_is_shown_with_all_about_it(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        bench.arrive("o1")
        shown = bench.queue("show", "1").stdout
        for words in ("order o1", "delivered", "arrived 2 times", "salesOrder", "SO-O1", "created"):
            assert words in shown
        assert "salesOrder HTTP 204 created" in shown
        document = bench.said("show", "o1")
        assert document["event"]["arrivals"] == 2
        assert [one["number"] for one in document["attempts"]] == [1]
        assert document["attempts"][0]["started_at"].endswith("Z")
        payloads = json.loads(bench.queue("show", "1", "--payload").stdout)
        assert [one["record"] for one in payloads] == ["customer", "salesOrder"]
        assert json.loads(bench.queue("show", "1", "--event").stdout)["payload"]["id"] == "o1"

    at_bench(journal_url, tmp_path, work)


def test_what_there_is_not_has_a_hint(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive("DO000000101")
        result = bench.queue("show", "DO00000101")
        assert result.exit_code == 1
        assert "E1101" in result.stderr
        assert "did you mean DO000000101?" in result.stderr
        assert "E1104" in bench.queue("show", "1", "--payload").stderr

    at_bench(journal_url, tmp_path, work)


def test_an_order_of_several_deliveries_has_to_be_named_by_id(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive("o1")
        result = bench.queue("show", "o1")
        assert result.exit_code == 2
        assert "give one of their ids, 1, 2" in result.stderr

    at_bench(journal_url, tmp_path, work, mappings=("sale", "billed"))


def test_deliveries_are_exported_as_lines_with_or_without_documents(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        bench.sell("o2", grandTotal=WRONG)
        await bench.deliver()
        lines = [json.loads(line) for line in bench.queue("export").stdout.splitlines()]
        assert [line["state"] for line in lines] == ["delivered", "parked"]
        assert "ann@" not in json.dumps(lines[0]["attempts"])
        result = bench.queue("export", "--documents", "--state", "delivered")
        (line,) = [json.loads(line) for line in result.stdout.splitlines()]
        assert line["event_document"]["payload"]["id"] == "o1"
        assert line["attempt_documents"][0]["payloads"][1]["external_id"] == "SO-O1"

    at_bench(journal_url, tmp_path, work)


def test_events_without_a_delivery_are_found_with_their_rule(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.ready = replace(
            bench.ready, posted=PostedOrders("posted.csv", frozenset({("order.opened", "DO101")}))
        )
        for _ in range(2):
            bench.arrive("k1", external_id="DO101")
        bench.arrive("k2", "order.closed", external_id="DO102")
        bench.arrive("DO103")
        bench.arrive("DO103", "order.closed")
        rule = "posted_earlier: events.posted lists it"
        for name in ("DO101", "k1"):
            shown = bench.queue("show", name)
            assert (shown.exit_code, shown.stderr) == (0, "")
            told = " ".join(shown.stdout.split())
            assert "order DO101 · tiny · order.opened: arrived 2 times, first 2" in told
            assert told.endswith(f"ignored: {rule}")
        (event,) = bench.said("show", "DO101")["events"]
        assert (event["fate"], event["reason"], event["arrivals"]) == ("ignored", rule, 2)
        assert event["received_at"].endswith("Z")
        assert json.loads(bench.queue("show", "k1", "--event").stdout)["payload"]["id"] == "k1"
        assert "E1104" in bench.queue("show", "DO101", "--payload").stderr
        assert f"is ignored: {rule}" in " ".join(bench.queue("retry", "DO101").stderr.split())
        # What was ignored of an order that has a delivery is shown with that.
        (other,) = bench.said("show", "DO103")["other_events"]
        assert (other["name"], other["reason"].partition(":")[0]) == ("order.closed", "no_mapping")
        assert "order.closed: arrived 1 time" in bench.queue("show", "DO103").stdout
        listed = bench.said("list", "--events")
        assert [one["order"] for one in listed["events"]] == ["DO101", "DO102", "DO103"]
        chosen = bench.said("list", "--events", "--reason", "posted_earlier", "--since", "2h")
        assert [one["id"] for one in chosen["events"]] == [event["id"]]
        assert "2 of 3 events" in bench.queue("list", "--events", "--limit", "2").stderr
        assert "DO102" in bench.queue("list", "--events").stdout
        assert "3 events were ignored" in bench.queue("list").stderr
        assert bench.queue("list", "--events", "--state", "parked").exit_code == 2
        assert bench.queue("erase", "--order", "DO102").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_a_journal_of_before_is_brought_up_and_its_events_are_found(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive("k1", "order.closed", external_id="DO101")
        bench.arrive("k2")
        bench.write("ALTER TABLE events DROP COLUMN order_shown")
        bench.write("ALTER TABLE deliveries DROP COLUMN doubts")
        bench.write("ALTER TABLE deliveries ADD COLUMN is_unsure boolean DEFAULT true NOT NULL")
        bench.write("UPDATE alembic_version SET version_num = '0001'")
        assert "order k1" in bench.queue("show", "k1").stdout
        assert [row["doubts"] for row in bench.rows("deliveries")] == ['["*"]']

    at_bench(journal_url, tmp_path, work)


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    result = queue(f"sqlite:///{missing}", tmp_path, "list")
    assert result.exit_code == 1
    assert "there is no journal" in result.stderr
    assert not missing.exists()


def test_an_unrouted_event_is_told_of(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive("o1")
        bench.write("DELETE FROM deliveries")
        bench.write("UPDATE events SET fate = 'unrouted'")
        assert bench.said("list")["unrouted_events"] == {"tiny": 1}
        assert "1 event waits until the tenant's mappings are valid" in bench.queue("list").stderr

    at_bench(journal_url, tmp_path, work)
