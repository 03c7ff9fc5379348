"""What stands is carried on from, whatever is edited; what a repaired mapping can deliver is offered again.

One process of the service with both journals, reloaded and made to deliver step by step.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commanded import played_with
from postgres_server import database
from reloaded_process import ReloadedProcess, mappings_in, open_process
from shopping import orders
from sqlalchemy import Row, select, update
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.journal.change import OperatorAction, retry_deliveries
from engine.journal.database import open_journal
from engine.journal.deliveries import DeliveryFilter
from engine.journal.tables import ACTS, DELIVERIES
from engine.journal.writer import Writer
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import SimulatedTenant, build_simulator_app

SAMPLE = next(sample for what, sample in orders(12) if what.channel_type == "web")
NUMBER = SAMPLE.order["data"]["order"]["externalId"]
DEPOSIT = """
records:
  deposit:
    record: customerDeposit
    write: create
    external_id: "CD-{{ external_id }}"
    body:
      customer:   {id: "{{ records.customer.id }}"}
      salesOrder: {id: "{{ records.sales_order.id }}"}
      payment:    "{{ grand_total | money }}"
checks:
  balance: {of: sales_order}
  total:   {of: sales_order}
  paid:    {of: deposit, holds: "body.payment == grand_total"}
"""
# Under another external id an order would be accepted a second time.
EDITED = DEPOSIT.replace(
    "records:\n", 'records:\n  sales_order: {external_id: "SX-{{ external_id }}"}\n'
)
UNCONFIRMED = DEPOSIT.replace(
    "records:\n", 'records:\n  sales_order: {confirm: {total: "{{ 1 | money }}"}}\n'
)
NEVER = """  never: {holds: "false"}
"""


class NoDeposit:
    """A simulator that accepts no deposit now, until `is_over`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.is_over = app, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "customerDeposit" in scope["path"] and not self.is_over:
            details = {"o:errorDetails": [{"o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}]}
            await JSONResponse(details, 429)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@dataclass
class Bench:
    """The process, the files of its tenant, its journal, and the account as it is played."""

    process: ReloadedProcess
    folder: Path
    journal: Writer
    played: SimulatedTenant
    app: NoDeposit

    async def write(self, text: str) -> None:
        """Write the overlay of the sales order, and reload."""
        path = self.folder / "dodici" / "sales_order.yaml"
        path.write_text(f"erpmap: 1\nextends: [base/sales_order, common]\n{text}", "utf-8")
        await self.process.reload.check_files()

    async def deliver(self) -> Row[tuple[object, ...]]:
        """Attempt the delivery now, due or not; its row."""
        now = {"due_at": 1}
        self.journal.run_blocking(lambda c: c.execute(update(DELIVERIES).values(now)))
        await self.process.worker.deliver(1, self.process.tenants.ready["dodici"], None)
        return self.row()

    def row(self) -> Row[tuple[object, ...]]:
        return self.journal.run_blocking(lambda c: c.execute(select(DELIVERIES)).one())

    def retry(self, *, anew: bool = False) -> None:
        action = OperatorAction("ann", time.time_ns() // 1_000_000)
        chosen = DeliveryFilter(ids=(1,))
        self.journal.run_blocking(lambda c: retry_deliveries(c, chosen, action, anew=anew))

    def standing(self) -> list[str]:
        """The external ids of all transactions in the account."""
        return [one.external_id or "" for one in self.played.netsuite.state.ledger.transactions()]


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Writer]:
    if request.param == "sqlite":
        with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as one:
            yield one
    else:
        with database() as url, open_journal(url) as one:
            yield one


def at_bench(journal: Writer, tmp_path: Path, work: Callable[[Bench], Awaitable[None]]) -> None:
    """Do the work at a process that has received the event of one order."""
    folder, played = mappings_in(tmp_path), played_with(SAMPLE)
    app = NoDeposit(build_simulator_app([played]))

    async def run(simulator: str) -> None:
        async with open_process(journal, folder, simulator) as process:
            bench = Bench(process, folder, journal, played, app)
            await bench.write(DEPOSIT)
            assert "dodici" in process.tenants.ready, process.tenants.troubles
            await process.acceptance.accept("dodici", dict(SAMPLE.event))
            await work(bench)

    with serve_in_thread(app) as simulator:
        asyncio.run(run(simulator))


def test_an_edit_while_a_later_record_waits_makes_no_second_order(
    journal: Writer, tmp_path: Path
) -> None:
    """The deposit is surely not written; the order stands, and pins inputs and mapping."""

    async def work(bench: Bench) -> None:
        first = await bench.deliver()
        assert (first.state, first.reason, first.doubts) == ("waiting", "throttled", "[]")
        await bench.write(EDITED)
        bench.played.shop.add(SAMPLE.event, reversed_items(SAMPLE.order), SAMPLE.account)
        bench.app.is_over = True
        last = await bench.deliver()
        assert (last.state, bench.standing()) == ("delivered", [f"SO-{NUMBER}", f"CD-{NUMBER}"])
        assert how(last) == ["already there", "already there", "created"]

    at_bench(journal, tmp_path, work)


@pytest.mark.parametrize("is_deleted", [False, True], ids=["it-stands", "deleted-by-a-person"])
def test_a_record_that_is_not_confirmed_is_written_anew_only_when_it_is_gone(
    journal: Writer, tmp_path: Path, *, is_deleted: bool
) -> None:
    async def work(bench: Bench) -> None:
        bench.app.is_over = True
        await bench.write(UNCONFIRMED)
        await bench.deliver()
        for _ in range(2):  # a retry repeats with the mapping that wrote the order
            assert (bench.row().state, bench.row().reason) == ("parked", "not_confirmed")
            assert bench.standing() == [f"SO-{NUMBER}"]
            await bench.write(EDITED)
            bench.retry()
            await bench.deliver()
        if is_deleted:
            ledger = bench.played.netsuite.state.ledger
            ledger.forget(next(iter(ledger.transactions())).id)
        bench.retry(anew=True)
        last = await bench.deliver()
        prefix = "SX" if is_deleted else "SO"
        assert (last.state, bench.standing()) == (
            "delivered",
            [f"{prefix}-{NUMBER}", f"CD-{NUMBER}"],
        )

    at_bench(journal, tmp_path, work)


def test_what_was_parked_for_findings_is_offered_to_the_mended_mapping(
    journal: Writer, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.app.is_over = True
        await bench.write(DEPOSIT + NEVER)
        assert (await bench.deliver()).reason == "findings"
        await bench.process.reload.check_files(is_requested=True)
        assert bench.row().state == "parked", "the same mapping would find the same"
        await bench.write(DEPOSIT)
        assert not bench.process.tenants.troubles
        assert bench.row().state == "waiting"
        [act] = bench.journal.run_blocking(lambda c: c.execute(select(ACTS)).all())
        assert (act.act, act.by, act.words) == ("retry", "erpmap", "its mapping has changed")
        assert (await bench.deliver()).state == "delivered"

    at_bench(journal, tmp_path, work)


def how(row: Row[tuple[object, ...]]) -> list[str]:
    """How each record came to stand."""
    return [record["how"] for record in json.loads(str(row.posted))]


def reversed_items(order: dict[str, Any]) -> dict[str, Any]:
    """The order with its items in another order."""
    again = deepcopy(order)
    again["data"]["order"]["items"]["edges"].reverse()
    return again
