"""A new version of the mappings beside the live one: run on real events, reported, and nothing posted."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import threading
import urllib.request
from pathlib import Path
from typing import Any

from command import erpmap
from commanded import Commanded, played_with
from conftest import ROOT
from serviced import send
from shopping import orders
from waiting import until

from engine.service.shadow import ArrivedEvent, ShadowFollower
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

# Web orders: sales orders all of them.
SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:3]
MEMO = "\nrecords: {sales_order: {body: {memo: MEMO}}}\n"


def test_the_live_mapping_posts_and_the_shadow_reports(tmp_path: Path) -> None:
    """The same requests reach NetSuite as without a shadow, and the report has both values."""
    shadow, journal = _mappings(tmp_path), tmp_path / "journal.db"
    _reworded(shadow, "of the shadow")
    alone = _requests_for(tmp_path / "alone.db")
    played = played_with(*SAMPLES)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Commanded(journal, simulator, "--shadow", str(shadow)) as service,
    ):
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
        _compared(journal, len(SAMPLES))
        assert _requests(simulator) == alone
        page = service.get("/metrics")[1]
        assert 'erpmap_shadow_total{result="different",tenant="dodici"} 3.0' in page
    stands = played.netsuite.state.ledger.transactions()
    assert [one.fields.get("memo") for one in stands] == [None] * len(SAMPLES)
    code, report = _report(journal, "dodici", "--field", "memo")
    (one,) = report["shadows"]
    (field,) = one["fields"]
    assert (code, one["results"]) == (1, {"different": len(SAMPLES)})
    assert (field["record"], field["field"], field["orders"]) == ("sales_order", "body.memo", 3)
    assert field["rule"] == "records.sales_order.body.memo"
    assert "sales_order.yaml:" in field["at"]
    assert field["example"]["shadow"] == "of the shadow"
    assert one["sums"] == one["findings"] == []
    assert [order["delivery"] for order in report["orders"]] == [1, 2, 3]
    for order in report["orders"]:
        (difference,) = order["differences"]
        assert (difference.get("live"), difference["shadow"]) == (None, "of the shadow")


def test_a_broken_shadow_is_told_and_mended_while_the_service_runs(tmp_path: Path) -> None:
    """It touches nothing of the live mapping, and counts from the next event on when it is mended."""
    shadow, journal = _mappings(tmp_path), tmp_path / "journal.db"
    file = shadow / "dodici" / "sales_order.yaml"
    good = file.read_text()
    file.write_text(good + MEMO.replace("MEMO", "'{{ no_such_name }}'"))
    played = played_with(*SAMPLES)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Commanded(journal, simulator, "--shadow", str(shadow)) as service,
    ):
        (trouble,) = service.said("shadow in trouble")
        assert trouble["tenant"] == "dodici"
        assert trouble["findings"][0].startswith("E0207 next/dodici/sales_order.yaml:")
        assert send(service, SAMPLES[0].event)
        _compared(journal, 1)
        file.write_text(good)
        until(lambda: service.said("shadow ready"), "the shadow is not mended")
        assert send(service, SAMPLES[1].event)
        _compared(journal, 2)
        service.drained()
    assert len(played.netsuite.state.ledger.transactions()) == 2
    code, report = _report(journal)
    assert [one["results"] for one in report["shadows"]] == [{"same": 1}, {"broken": 1}]
    assert report["shadows"][1]["reasons"][0]["reason"] == "E0207"
    assert code == 1


def test_an_event_that_the_shadow_routes_elsewhere_is_lost_here_and_gained_there(
    tmp_path: Path,
) -> None:
    shadow, journal = _mappings(tmp_path), tmp_path / "journal.db"
    for name, channel in (("sales_order", "store"), ("cash_sale", "web")):
        file = shadow / "dodici" / f"{name}.yaml"
        when = f"event.payload.channel_type == '{channel}'"
        file.write_text(file.read_text() + f'\non: {{when: "{when}"}}\n')
    with (
        serve_in_thread(build_simulator_app([played_with(*SAMPLES)])) as simulator,
        Commanded(journal, simulator, "--shadow", str(shadow)) as service,
    ):
        assert send(service, SAMPLES[0].event)
        _compared(journal, 2)
    _, report = _report(journal, "--orders")
    cash, sales = report["shadows"]
    assert (cash["mapping"], cash["results"]) == ("cash_sale", {"gained": 1})
    assert (sales["mapping"], sales["results"]) == ("sales_order", {"unwanted": 1})
    total = next(one for one in sales["sums"] if one["check"] == "total")
    assert (total["events"], total["by"]) == (1, -total["live"])
    assert [order["result"] for order in report["orders"]] == ["gained", "unwanted"]


def test_what_the_live_mapping_did_not_ask_for_is_asked_when_that_is_allowed(
    tmp_path: Path,
) -> None:
    """Another query reads NewStore once more, and NetSuite not at all: it has answered those keys."""
    shadow = _mappings(tmp_path)
    _reworded(shadow, "of the shadow")
    order = shadow / "base" / "order.yaml"
    text = order.read_text()
    order.write_text(
        text.replace("channelType priceMethod", "channelType isHistorical priceMethod")
    )
    alone, results = _requests_for(tmp_path / "alone.db"), []
    for name, options in (("one", ()), ("two", ("--shadow-asks",))):
        journal = tmp_path / f"{name}.db"
        with (
            serve_in_thread(build_simulator_app([played_with(*SAMPLES)])) as simulator,
            Commanded(journal, simulator, "--shadow", str(shadow), *options) as service,
        ):
            assert all(send(service, sample.event) for sample in SAMPLES)
            _compared(journal, len(SAMPLES))
            assert _requests(simulator) == alone
        results.append(_report(journal)[1]["shadows"][0])
    assert [one["results"] for one in results] == [{"unanswered": 3}, {"different": 3}]
    assert results[0]["reasons"][0]["reason"].startswith("sources.order:")
    assert [one["field"] for one in results[1]["fields"]] == ["body.memo"]


def test_systems_that_are_closed_while_they_are_asked_end_nothing() -> None:
    """The tenant was swapped meanwhile; the next event is compared."""

    class Closed:
        @property
        def plans(self) -> Any:
            raise asyncio.CancelledError

    class Open:
        def __init__(self) -> None:
            self.asked = threading.Event()

        @property
        def plans(self) -> Any:
            self.asked.set()
            return {}

    class Journal:
        async def run(self, _work: object, *_arguments: object) -> None:
            """Nothing is noted."""

    async def run() -> None:
        shadows: Any = {"a": Closed(), "b": Open()}
        journal: Any = Journal()
        follower = ShadowFollower(journal, lambda: 1, shadows=shadows)
        running = asyncio.create_task(follower.run())
        for number, tenant in enumerate(shadows):
            follower.offer_event(ArrivedEvent(number, tenant, {}, ()))
        await asyncio.to_thread(shadows["b"].asked.wait, 30)
        assert shadows["b"].asked.is_set()
        assert not running.done()
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(run())


def _mappings(folder: Path) -> Path:
    mappings = folder / "next"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    return mappings


def _reworded(mappings: Path, memo: str) -> None:
    file = mappings / "dodici" / "sales_order.yaml"
    file.write_text(file.read_text() + MEMO.replace("MEMO", f"'{memo}'"))


def _requests_for(journal: Path) -> Any:
    """What reaches NetSuite without a shadow."""
    with (
        serve_in_thread(build_simulator_app([played_with(*SAMPLES)])) as simulator,
        Commanded(journal, simulator) as service,
    ):
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
        return _requests(simulator)


def _requests(simulator: str) -> Any:
    with urllib.request.urlopen(f"{simulator}/dodici/requests") as answer:
        return json.load(answer)


def _compared(journal: Path, count: int) -> None:
    until(lambda: len(_rows(journal, "SELECT result FROM shadows")) >= count, "nothing is compared")


def _rows(journal: Path, query: str) -> list[Any]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return connection.execute(query).fetchall()


def _report(journal: Path, *arguments: str) -> tuple[int, Any]:
    at_journal = ("--journal", f"sqlite:///{journal}", "--format", "json")
    done = erpmap("shadow", *arguments, *at_journal)
    return done.returncode, json.loads(done.stdout)
