"""What goes wrong with one order or one account, and what is answered then."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from command import erpmap
from conftest import ROOT
from processes import Process
from serviced import Service, send
from shopping import orders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from waiting import until

from engine.documents import write_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.faults import Fault
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import NETSUITE, SimulatedTenant, build_simulator_app

SAMPLES = [sample for what, sample in orders(20) if what.channel_type == "web"][:5]


class Poisonous:
    """A simulator that kills the service whenever it asks about one order."""

    def __init__(self, app: ASGIApp, order: str) -> None:
        self.app, self.order = app, order.encode()
        self.victim: Process | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched() -> Message:
            message = await receive()
            if self.order in message.get("body", b"") and self.victim is not None:
                os.kill(self.victim.pid, signal.SIGKILL)
            return message

        await self.app(scope, watched, send)


def test_an_event_that_kills_its_worker_is_parked_at_the_third_time(tmp_path: Path) -> None:
    """The others that were under way with it are delivered, and no third start is held against them."""
    played, journal = _played(), tmp_path / "journal.db"
    poison = SAMPLES[2].event["payload"]["id"]
    world = Poisonous(build_simulator_app([played]), str(poison))
    with serve_in_thread(world) as simulator:
        left = list(SAMPLES)
        for _ in range(3):
            service = Service(journal, simulator)
            world.victim = (
                service.process
            )  # an earlier start's delivery may kill it before it is ready
            until(partial(_is_ready_or_dead, service), "it neither begins nor dies")
            left = [sample for sample in left if not send(service, sample.event)]
            service.process.wait(60)
            service.__exit__(None, None, None)
            world.victim = None
        with Service(journal, simulator) as service:
            assert all(send(service, sample.event) for sample in left)
            service.drained()
    assert sorted(_rows(journal, "SELECT state, reason FROM deliveries")) == [
        *[("delivered", None)] * (len(SAMPLES) - 1),
        ("parked", "poisoned"),
    ]
    assert len(played.netsuite.state.ledger.transactions()) == len(SAMPLES) - 1


def _is_ready_or_dead(service: Service) -> bool:
    return service.process.poll() is not None or service.request("GET", "/readyz") == 200


def test_500_while_the_account_is_away_and_never_for_one_orders_trouble(tmp_path: Path) -> None:
    played, journal = _played(), tmp_path / "journal.db"
    faults = played.faults[NETSUITE]
    faults.change(rates={}, spells={Fault.MAINTENANCE: 3600})
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator) as service,
    ):
        statuses = [_status(service, sample.event) for sample in SAMPLES]
        assert statuses == [200, 200, 500, 500, 500]
        states = {state for (state,) in _rows(journal, "SELECT state FROM deliveries")}
        assert states <= {"waiting", "running"}
        faults.change(rates={})
        service.drained()
        assert [_status(service, sample.event) for sample in SAMPLES] == [200] * len(SAMPLES)
    assert len(played.netsuite.state.ledger.transactions()) == len(SAMPLES)
    assert _rows(journal, "SELECT DISTINCT arrivals FROM events") == [(2,)]


def by_hard_link(journal: Path) -> Path:
    other = journal.parent / "elsewhere" / "linked.db"
    other.hardlink_to(journal)
    return other


def by_symlink(journal: Path) -> Path:
    other = journal.parent / "elsewhere" / "journal.db"
    other.symlink_to(journal)
    return other


def without_lock(journal: Path) -> Path:
    journal.with_name("journal.db.lock").unlink()
    return journal


def another_in_its_place(journal: Path) -> Path:
    copy = shutil.copy(journal, journal.with_name("copy.db"))
    return Path(copy).replace(journal)


@pytest.mark.parametrize(
    "reached", [by_hard_link, by_symlink, without_lock, another_in_its_place, lambda same: same]
)
def test_a_second_service_on_one_file_is_refused(
    tmp_path: Path, reached: Callable[[Path], Path]
) -> None:
    """By whatever name it has it; the first goes on, and a command beside it may read."""
    played, journal = _played(), tmp_path / "journal.db"
    (tmp_path / "elsewhere").mkdir()
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator) as first,
    ):
        url = f"sqlite:///{reached(journal)}"
        second = _run("serve", "dodici", "--journal", url, "--port", "0", "--simulator", simulator)
        assert second.returncode == 1
        assert "another erpmap process serves the journal" in second.stderr
        if reached is not another_in_its_place:
            assert send(first, SAMPLES[0].event)
            first.drained()
            assert _run("queue", "list", "--journal", url).returncode == 0


def test_a_damaged_journal_is_a_sentence(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    journal.write_bytes(b"this is no database, and it is longer than a header of SQLite " * 20)
    ended = _run("serve", "--journal", f"sqlite:///{journal}", "--port", "0")
    assert ended.returncode == 1
    assert "the journal cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return erpmap(*arguments)


def _played() -> SimulatedTenant:
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in SAMPLES:
        played.shop.add(sample.event, sample.order, sample.account)
    return played


def _status(service: Service, event: object) -> int | None:
    return service.request("POST", "/events/dodici", write_json_bytes(event))


def _rows(journal: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return connection.execute(query).fetchall()
