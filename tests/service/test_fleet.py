"""Processes at work on one PostgreSQL: one is killed, one is frozen, the database cuts everybody off.

Each order stands in the ledger once and nothing is left, whatever happens in the middle.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from conftest import ROOT
from exact import assert_once_and_exact
from fleet import CUT, Process, drained, states
from postgres_server import ask, database
from processes import start
from scale import scaled
from serviced import free_ports, spoken_to
from shopping import orders
from sqlalchemy import Connection
from trapped import meddled, trapped_account, trapped_mappings
from waiting import until

from engine.journal.database import open_journal
from engine.journal.signals import signal_due
from engine.journal.store import store_event
from engine.mapping.load import load_tenant, open_folder
from engine.service.dispatch.route import make_arrival
from engine.service.dispatch.tenants import ReadyTenant
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app

ORDERS = scaled(24, full=60)
# Slow enough to be killed in the middle.
LATENCY = 0.2


@dataclass(frozen=True)
class Shop:
    """Events stored in a journal, with the systems that their deliveries speak to."""

    journal: str
    simulator: str
    played: SimulatedTenant
    events: Sequence[Any]

    def store(self, *, is_signalled: bool = True, seconds: int = 0) -> int:
        """Store the events as a process that accepts them does, due in so many seconds; gives when."""
        plans = load_tenant(open_folder(ROOT / "mappings"), "dodici").plans
        nothing: Any = None  # routing speaks to no system
        ready = ReadyTenant("dodici", {plan.name: plan for plan in plans}, nothing, "", 1)
        at = time.time_ns() // 1_000_000 + seconds * 1000

        def all_(connection: Connection) -> None:
            for event in self.events:
                store_event(connection, make_arrival("dodici", event, ready, at))
            if is_signalled:
                signal_due(connection, "")

        with open_journal(self.journal) as journal:
            journal.run_blocking(all_)
        return at

    def held_by(self, one: Process) -> int:
        """How many deliveries a process holds."""
        query = "select count(*) from deliveries where state = 'running' and holder like "
        count: int = ask(self.journal, f"{query}'{one.process.pid}-%'")[0][0]
        return count

    def has_gone_on(self, before: int) -> bool:
        """Whether more has been written, if there was more to write."""
        return self.created() > before or self.created() == ORDERS

    def each_order_stands_once(self) -> None:
        assert states(self.journal) == {"delivered": ORDERS}
        assert_once_and_exact(self.played, [purchase for purchase, _ in orders(ORDERS)])

    def never_too_many(self) -> None:
        asked = self.played.netsuite.state.places.document()
        assert (asked["refused"], asked["most_at_once"] <= asked["limit"]) == (0, True)

    def created(self) -> int:
        return len(self.played.netsuite.state.ledger.transactions())


@contextmanager
def shop(mappings: Path | None = None) -> Iterator[Shop]:
    samples = [sample for _, sample in orders(ORDERS)]
    played = (
        load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
        if mappings is None
        else trapped_account(mappings)
    )
    for sample in samples:
        played.shop.add(sample.event, sample.order, sample.account)
    played.faults["netsuite"].latency = LATENCY
    with database() as journal, serve_in_thread(build_simulator_app([played])) as simulator:
        yield Shop(journal, simulator, played, [sample.event for sample in samples])


@contextmanager
def two_at_work(at: Shop, mappings: Path | None = None) -> Iterator[tuple[Process, Process]]:
    """Two processes, the first of them at work on some orders; some are written, most are not."""
    begun = partial(Process, at.journal, at.simulator, mappings=mappings, tenants=("dodici",))
    with begun() as one, begun() as other:
        for process in (one, other):
            until(process.is_ready, "it does not begin")
        at.store()
        until(at.created, "nothing is written")
        until(lambda: at.held_by(one) or at.held_by(other), "nothing is held")
        yield (one, other) if at.held_by(one) else (other, one)


def test_one_is_killed_and_the_other_takes_over() -> None:
    with shop() as at, two_at_work(at) as (one, _):
        one.signal(signal.SIGKILL)
        one.process.wait()
        assert at.held_by(one)
        drained(at.journal)
        at.each_order_stands_once()
        at.never_too_many()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_one_ends_and_the_account_is_full_of_traps(tmp_path: Path, end: signal.Signals) -> None:
    """Searches lag, NetSuite speaks German, scripts add lines; mappings and items are edited meanwhile."""
    mappings = trapped_mappings(tmp_path)
    with (
        shop(mappings) as at,
        two_at_work(at, mappings) as (one, _),
        meddled(mappings, at.played, [sample for _, sample in orders(ORDERS)]),
    ):
        one.signal(end)
        drained(at.journal)
        if end is signal.SIGSTOP:
            one.signal(signal.SIGCONT)
        at.each_order_stands_once()


def test_one_is_frozen_taken_over_and_changes_nothing_when_it_goes_on() -> None:
    with shop() as at, two_at_work(at) as (one, other):
        one.signal(signal.SIGSTOP)
        assert at.held_by(one)
        drained(at.journal)
        at.each_order_stands_once()
        one.signal(signal.SIGCONT)
        until(one.is_alive_again, "it does not go on")
        for process in (one, other):
            process.signal(signal.SIGTERM)
            assert process.process.wait(60) == 0
        at.each_order_stands_once()
        at.never_too_many()
        left = "select holder from shares union select holder from holders"
        assert not ask(at.journal, left)


def test_cut_off_by_the_database_they_come_back_by_themselves() -> None:
    with shop() as at, two_at_work(at) as processes:
        for _ in range(4):
            before = at.created()
            ask(at.journal, CUT)
            until(partial(at.has_gone_on, before), "nothing is written any more")
        drained(at.journal)
        assert [one.process.poll() for one in processes] == [None, None]
        at.each_order_stands_once()
        at.never_too_many()


def test_what_no_signal_came_for_is_found() -> None:
    with shop() as at, Process(at.journal, at.simulator) as one:
        until(one.is_ready, "it does not begin")
        at.store(is_signalled=False)
        drained(at.journal)
        at.each_order_stands_once()


def test_what_is_due_later_is_taken_up_then_and_not_before() -> None:
    with shop() as at, Process(at.journal, at.simulator) as one:
        until(one.is_ready, "it does not begin")
        at.played.faults["netsuite"].latency = 0.0
        due_at = at.store(seconds=2)
        drained(at.journal)
        at.each_order_stands_once()
        ((first,),) = ask(at.journal, "select min(started_at) from attempts")
        assert first >= due_at


def test_due_work_that_no_process_takes_up_is_said_and_taken_up_later() -> None:
    """Somebody has locked the rows, and whoever claims passes them over: nothing is an error."""
    port, admin = free_ports(2)
    environ = {
        "ERPMAP_TEST_DUE": os.environ.get("ERPMAP_TEST_DUE", "2"),
        "ERPMAP_TEST_ADMIN": str(admin),
    }
    with (
        shop() as at,
        Process(at.journal, at.simulator, port, environ),
        psycopg.connect(at.journal) as other,
    ):
        until(lambda: spoken_to(port, "GET", "/readyz") == 200, "it is not ready")
        due_at = at.store(seconds=5)
        other.execute("select 1 from deliveries for update")
        until(lambda: spoken_to(port, "GET", "/readyz") == 503, "it calls itself ready")
        late = time.time() - due_at / 1000
        ready = httpx.get(f"http://127.0.0.1:{admin}/readyz").json()
        assert list(ready["loops"]) == ["standing_still"]
        assert "a delivery of dodici has been due" in ready["loops"]["standing_still"]
        other.rollback()
        until(lambda: spoken_to(port, "GET", "/readyz") == 200, "it is not ready again")
        drained(at.journal)
        at.each_order_stands_once()
    sys.stdout.write(f"\nready no more {late:.1f} s after the work was due\n")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_what_it_has_begun(stop: signal.Signals) -> None:
    with shop() as at, Process(at.journal, at.simulator) as one:
        at.store()
        until(one.holds_some, "it does not begin")
        one.signal(stop)
        assert one.process.wait(60) == 0
        assert not states(at.journal)["running"]


def test_a_worker_is_seen_on_its_port_and_takes_no_events(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with shop() as at, (tmp_path / "log").open("w") as log:
        command = ["worker", "dodici", "--journal", at.journal, "--admin-port", str(port)]
        command += ["--simulator", at.simulator]
        with start(*command, env=os.environ, streams=(0, 1, log)) as worker:
            try:
                at.store()
                drained(at.journal)
                assert spoken_to(port, "POST", "/events/dodici", b"{}") == 404
                address = f"http://127.0.0.1:{port}"
                ready = httpx.get(f"{address}/readyz").json()
                measures = httpx.get(f"{address}/metrics").text
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(60) == 0
            finally:
                worker.kill()
        at.each_order_stands_once()
    # It has no key of the tenant's, and needs none.
    assert ready["tenants"] == {"dodici": {"ready": True, "outdated": False, "trouble": None}}
    counts = re.findall(r'erpmap_attempts_total{.*state="delivered".*} (\d+)', measures)
    assert sum(map(int, counts)) == ORDERS
