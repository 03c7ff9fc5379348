"""`erpmap reconcile` as people run it: a ledger in order, and one in which somebody has meddled."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from command import erpmap
from conftest import ROOT
from shopping import orders

from engine.commands.connect import OpenSystems, open_systems, simulated_connection
from engine.delivery import AttemptState, RetryClock, deliver
from engine.documents import read_json_bytes
from engine.journal.database import open_journal
from engine.journal.events import Arrival, EventFate, Route
from engine.journal.pack import pack
from engine.journal.store import store_event
from engine.mapping.load import load_tenant, open_folder
from engine.run import is_wanted
from engine.simulator.netsuite.ledger import StoredRecord
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app

T = TypeVar("T")

COUNT = 12
WINDOW = ("--from", "2026-11-10", "--to", "2026-11-12")


@dataclass
class Shop:
    """dodici, its orders of two days delivered, and its folder of mappings."""

    played: SimulatedTenant
    address: str
    root: Path
    events: list[Any]

    def run(self, *more: str, window: tuple[str, ...] = WINDOW) -> subprocess.CompletedProcess[str]:
        head = ("--mappings", str(self.root), "reconcile", "dodici")
        arguments = (*head, *window, *more)
        return erpmap(*arguments, variables={"ERPMAP_SIMULATOR": self.address})

    def data(self, *more: str, window: tuple[str, ...] = WINDOW) -> tuple[int, Any]:
        ended = self.run(*more, "--format", "json", window=window)
        return ended.returncode, read_json_bytes("the report", ended.stdout.encode())

    def work(self, work: Callable[[OpenSystems], Awaitable[T]]) -> T:
        async def done() -> T:
            connection = await simulated_connection("dodici", self.address)
            async with open_systems(connection) as opened:
                return await work(opened)

        return asyncio.run(done())

    def sell(self, sample: Any, at: str) -> None:
        event = {**sample.event, "payload": {**sample.event["payload"], "created_at": at}}
        self.played.shop.add(event, sample.order, sample.account)
        self.events.append(event)

    def deliver_all(self) -> None:
        loaded = load_tenant(open_folder(self.root), "dodici")

        async def delivered(systems: OpenSystems) -> None:
            for event in self.events:
                for plan in loaded.plans:
                    if is_wanted(plan, event):
                        time = RetryClock(asyncio.get_running_loop().time, asyncio.sleep, 0)
                        result = await deliver(plan, event, systems.systems, time)
                        assert result.state is AttemptState.DELIVERED, result

        self.work(delivered)

    @property
    def sales(self) -> list[StoredRecord]:
        return list(self.played.netsuite.state.ledger.transactions())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shutil.copytree(
        ROOT / "mappings" / "dodici", tmp_path / "dodici", ignore=shutil.ignore_patterns("cases")
    )
    tenant = tmp_path / "dodici" / "tenant.yaml"
    tenant.write_text(tenant.read_text("utf-8").replace("from: 2026-12-01", "from: 2026-11-01"))
    played = load_simulated_tenant(open_folder(tmp_path), "dodici")
    with serve_in_thread(build_simulator_app([played])) as address:
        there = Shop(played, address, tmp_path, [])
        for number, (_, sample) in enumerate(orders(COUNT)):
            there.sell(sample, f"2026-11-1{number % 2}T0{number % 10}:00:00.000Z")
        there.deliver_all()
        yield there


def number_of(stored: StoredRecord) -> str:
    external_id = stored.external_id
    assert external_id is not None
    return external_id[3:]


def test_what_was_delivered_is_all_there_and_comes_to_the_same_money(shop: Shop) -> None:
    code, report = shop.data()
    assert (code, report["missing"], report["differing"], report["extra"]) == (0, [], [], [])
    assert sum(one["orders"]["booked"] for one in report["totals"]) == COUNT
    assert {one["day"] for one in report["days"]} == {"2026-11-10", "2026-11-11"}
    for one in report["totals"]:
        assert one["ordered"] == one["booked"] != 0
        assert one["off"] == 0
    said = shop.run()
    assert "every order is booked in NetSuite once, with its total" in said.stdout


def test_few_orders_are_rendered_where_nothing_is_off(shop: Shop) -> None:
    assert "are rendered" not in shop.run().stderr


def test_a_deleted_an_altered_and_an_extra_transaction_are_found(shop: Shop) -> None:
    deleted, altered, *_ = (one for one in shop.sales if one.kind.record == "salesOrder")
    total = Decimal(str(altered.fields["total"]))
    shop.played.netsuite.state.ledger.forget(deleted.id)
    line = {"item": {"id": "4001"}, "quantity": 1, "amount": Decimal("7.50")}

    async def meddle(systems: OpenSystems) -> None:
        changed = await systems.netsuite.update(
            "salesOrder", altered.id, {"item": {"items": [line]}}
        )
        body = {
            "externalId": "SO-NOBODY",
            "tranDate": "2026-11-10",
            "entity": altered.fields["entity"],
            "location": altered.fields["location"],
            "item": {"items": [line]},
        }
        created = await systems.netsuite.create("salesOrder", body)
        assert (changed.verdict, created.verdict) == ("delivered", "delivered"), (changed, created)

    shop.work(meddle)
    code, report = shop.data()
    assert code == 1
    (missing,), (differing,), (extra,) = (
        report[name] for name in ("missing", "differing", "extra")
    )
    assert missing["order"] == number_of(deleted)
    assert missing["words"] == f"there is no {deleted.external_id}"
    assert differing["order"] == number_of(altered)
    assert differing["gap"] != 0
    assert f"not {total}" in differing["words"]
    assert (extra["external_id"], extra["words"]) == ("SO-NOBODY", "NewStore has no such order")
    off = sum(one["off"] for one in report["totals"])
    assert off == differing["gap"] - missing["total"]
    said = shop.run().stdout
    assert "1 missing, 1 differing, 1 extra" in said


def test_what_leaves_the_total_as_it_was_is_found_by_an_exact_comparison(shop: Shop) -> None:
    sale = shop.sales[0]
    first, *rest = sale.lines
    other = {**first, "item": {"id": "4006" if first["item"]["id"] != "4006" else "4001"}}
    lines = {**sale.sublists, "item": (other, *rest)}
    shop.played.netsuite.state.ledger.put(replace(sale, sublists=lines))
    assert shop.data()[0] == 0
    code, report = shop.data("--exact")
    assert code == 1
    assert [one["words"] for one in report["differing"]] == ["items of lines"]


def test_an_order_that_stands_there_twice_is_one_too_much(shop: Shop) -> None:
    sale = next(one for one in shop.sales if one.kind.record == "salesOrder")
    line = {"item": {"id": "4001"}, "quantity": 1, "amount": Decimal("7.50")}

    async def again(systems: OpenSystems) -> None:
        body = {
            "externalId": f"CS-{number_of(sale)}",
            "tranDate": "2026-11-10",
            "entity": sale.fields["entity"],
            "location": sale.fields["location"],
            "item": {"items": [line]},
        }
        assert (await systems.netsuite.create("cashSale", body)).verdict == "delivered"

    shop.work(again)
    code, report = shop.data()
    assert (code, len(report["extra"]), report["missing"]) == (1, 1, [])
    assert report["extra"][0]["words"] == f"order {number_of(sale)} has SO-{number_of(sale)}"


def test_orders_that_nobody_wants_are_ignored_and_those_not_paid_wait(shop: Shop) -> None:
    (_, historical), (_, unpaid), (_, older) = list(orders(3, seed=7))
    for sample, key in ((historical, "h"), (unpaid, "u"), (older, "o")):
        _renamed(sample, key)
    historical.order["data"]["order"]["isHistorical"] = True
    unpaid.order["data"]["order"]["paymentAccount"] = None
    older.order["data"]["order"]["placedAt"] = "2026-10-30T12:00:00"
    older.event["payload"]["placed_at"] = "2026-10-30T12:00:00.000Z"
    for sample in (historical, unpaid, older):
        shop.sell(sample, "2026-11-11T12:00:00.000Z")
    code, report = shop.data()
    assert (code, report["missing"]) == (3, [])
    assert [one["words"] for one in report["waiting"]] == ["not ready: payment_pending"]
    assert sum(one["orders"]["ignored"] for one in report["totals"]) == 2
    assert all(one["off"] <= 0 for one in report["totals"])


def test_orders_that_cannot_be_judged_are_told_beside_the_others(shop: Shop) -> None:
    cases = ROOT / "mappings" / "dodici" / "cases"
    at = "2026-11-11T12:00:00.000Z"
    for name in ("time-malformed", "amounts-malformed", "answer-with-errors"):
        event, answer = (
            read_json_bytes(file, (cases / name / file).read_bytes())
            for file in ("event.json", "order.json")
        )
        assert isinstance(event, dict)
        event["payload"]["created_at"] = "2026-11-11 at noon" if name == "time-malformed" else at
        shop.played.shop.add(event, answer)  # type: ignore[arg-type] # a case is a document
    code, report = shop.data()
    assert code == 1
    assert {one["order"]: one["words"] for one in report["unjudged"]} == {
        "DO000000136": "cannot be judged: its createdAt is not a moment",
        "DO000000133": "cannot be judged: order.grandTotal is '63,15', not an amount, "
        "and 1 more like it",
        "DO000000147": "cannot be judged: NewStore's GraphQL API could not execute the query "
        "(errors in its answer)",
    }
    assert sum(one["orders"]["booked"] for one in report["totals"]) == COUNT
    assert all(one["off"] == 0 for one in report["totals"])
    said = shop.run()
    assert said.returncode == 1
    assert "unjudged  DO000000136  ?  63.15 USD: cannot be judged" in said.stdout
    assert said.stdout.endswith("3 unjudged\n")


def _renamed(sample: Any, key: str) -> None:
    payload, order = sample.event["payload"], sample.order["data"]["order"]
    payload["id"] = order["id"] = f"00000000-0000-4000-8000-{ord(key):012d}"
    payload["external_id"] = order["externalId"] = f"X-{key}"


def test_the_journal_says_where_what_is_missing_stands(shop: Shop, tmp_path: Path) -> None:
    sale = shop.sales[0]
    shop.played.netsuite.state.ledger.forget(sale.id)
    (event,) = (one for one in shop.events if one["payload"]["external_id"] == number_of(sale))
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    missing = shop.run("--journal", url)
    assert (missing.returncode, "there is no journal" in missing.stderr) == (1, True)
    arrival = Arrival(
        tenant="dodici",
        name="order.opened",
        digest="d",
        order_key=event["payload"]["id"],
        order_shown=number_of(sale),
        document=pack(event),
        at=1,
        routes=(Route("sales_order", "i"),),
        fate=EventFate.ROUTED,
        reason=None,
    )
    with open_journal(url) as journal:
        journal.run_blocking(lambda connection: store_event(connection, arrival))
    report = shop.data("--journal", url)[1]
    assert [one["journal"] for one in report["missing"]] == ["sales_order waiting"]


def test_a_computed_external_id_has_every_order_rendered(shop: Shop) -> None:
    overlay = shop.root / "dodici" / "sales_order.yaml"
    text = overlay.read_text("utf-8")
    record = 'records: {sales_order: {external_id: "SO-{{ external_id | upper }}"}}\n'
    overlay.write_text(text + record, encoding="utf-8")
    code, report = shop.data()
    assert (code, report["missing"], report["extra"]) == (0, [], [])
    assert sum(one["orders"]["booked"] for one in report["totals"]) == COUNT
    assert any("sales_order computes its external ids" in note for note in report["notes"])


def test_pages_of_orders_are_read_to_their_end(shop: Shop) -> None:
    for number, (_, sample) in enumerate(orders(210, seed=9)):
        payload, order = sample.event["payload"], sample.order["data"]["order"]
        payload["id"] = order["id"] = f"10000000-0000-4000-8000-{number:012d}"
        payload["external_id"] = order["externalId"] = f"Y-{number}"
        order["isHistorical"] = True
        shop.sell(sample, "2026-11-20T12:00:00.000Z")
    ended = shop.run(window=("--from", "2026-11-20", "--to", "2026-11-21"))
    assert "210 orders in NewStore" in ended.stderr
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--to", "2026-11-01"), 2, "--from"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), 2, "--to has to be later"),
        (("--from", "2226-11-02", "--to", "2226-12-01"), 2, "is in the future"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], code: int, words: str) -> None:
    said = erpmap("reconcile", "dodici", *arguments)
    assert (said.returncode, words in said.stderr) == (code, True)


def test_a_newstore_that_is_away_gives_no_report(shop: Shop) -> None:
    shop.played.shop.clients = {}
    code, refusal = shop.data()
    assert (code, refusal["error"]["kind"]) == (1, "newstore")
    assert "days" not in refusal
