"""Many processes on PostgreSQL: one order that kills them all but the last, one tenant that stands still."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from commanded import Holding, played_with
from conftest import ROOT
from fleet import Process, drained
from postgres_server import ask, database
from serviced import free_ports, spoken_to
from shopping import orders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from waiting import until

from engine.documents import write_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import build_simulator_app

WEB = [sample for what, sample in orders(90) if what.channel_type == "web"]


class Poisonous:
    """A simulator that kills the process whose delivery asks about one order."""

    def __init__(self, app: ASGIApp, order: str, journal: str) -> None:
        self.app, self.order, self.journal = app, order, journal
        self.killed: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched() -> Message:
            message = await receive()
            if self.order.encode() in message.get("body", b""):
                self._kill()
            return message

        await self.app(scope, watched, send)

    def _kill(self) -> None:
        query = (
            f"select holder from deliveries where state = 'running' and order_key = '{self.order}'"
        )
        for (holder,) in ask(self.journal, query):
            victim = int(holder.partition("-")[0])
            os.kill(victim, signal.SIGKILL)
            self.killed.append(victim)


def test_an_order_that_kills_its_process_is_parked_at_the_third(tmp_path: Path) -> None:
    """Of four processes one is left; it delivers all the others, and none of them is parked."""
    _two_tenants(tmp_path)
    samples, ports = WEB[:5], free_ports(4)
    played = played_with(*samples)
    poison = str(samples[2].event["payload"]["id"])
    with database() as journal:
        world = Poisonous(build_simulator_app([played]), poison, journal)
        with serve_in_thread(world) as simulator, ExitStack() as stack:
            started = [
                stack.enter_context(
                    Process(journal, simulator, port, mappings=tmp_path, tenants=["dodici"])
                )
                for port in ports
            ]
            for process in started:
                until(process.is_ready, "it does not begin")
            for sample in samples:
                _sent(ports, "dodici", sample.event)
            drained(journal)
        assert len(set(world.killed)) == 3
        found = ask(
            journal, "select order_key, state, reason from deliveries where state != 'delivered'"
        )
        assert found == [(poison, "parked", "poisoned")]
    ledger = played.netsuite.state.ledger
    assert len(ledger.transactions()) == len(samples) - 1
    assert set(ledger.created.values()) == {1}


def test_a_tenant_whose_account_stands_still_keeps_no_other_waiting(tmp_path: Path) -> None:
    """However many events it sends, and wherever they are worked at."""
    _two_tenants(tmp_path)
    busy, quiet = (
        load_simulated_tenant(open_folder(tmp_path), name) for name in ("dodici", "quiet")
    )
    for played, samples in ((busy, WEB[:16]), (quiet, WEB[16:20])):
        for sample in samples:
            played.shop.add(sample.event, sample.order, sample.account)
    holding = Holding(build_simulator_app([busy, quiet]), only="/dodici/")
    port = free_ports(1)[0]
    both: Any = {"mappings": tmp_path}
    with (
        database() as journal,
        serve_in_thread(holding) as simulator,
        Process(journal, simulator, port, **both) as one,
        Process(journal, simulator, **both) as other,
    ):
        for process in (one, other):
            until(process.is_ready, "it does not begin")
        for sample in WEB[:16]:
            _sent([port], "dodici", sample.event)
        assert holding.reached.wait(60)
        for sample in WEB[16:20]:
            _sent([port], "quiet", sample.event)
        until(lambda: len(quiet.netsuite.state.ledger.transactions()) == 4, "the other one waits")
        assert not busy.netsuite.state.ledger.transactions()
        holding.released.set()
        drained(journal)
        counted = Counter(ask(journal, "select tenant, state from deliveries"))
    assert counted == {("dodici", "delivered"): 16, ("quiet", "delivered"): 4}


def _two_tenants(folder: Path) -> None:
    """dodici, and its twin with another account; both acknowledge what is stored."""
    ignored = shutil.ignore_patterns("cases", "nordhus")
    shutil.copytree(ROOT / "mappings", folder, ignore=ignored, dirs_exist_ok=True)
    tenant = folder / "dodici" / "tenant.yaml"
    text = tenant.read_text().replace("acknowledge: delivered", "acknowledge: stored")
    tenant.write_text(text)
    shutil.copytree(folder / "dodici", folder / "quiet")
    for name in ("tenant.yaml", "simulator.yaml"):
        file = folder / "quiet" / name
        other = file.read_text().replace("1234567_SB1", "7654321_SB1")
        file.write_text(other.replace("tenant: dodici\n", "tenant: quiet\n"))


def _sent(ports: Sequence[int], tenant: str, event: object) -> None:
    """The event, sent to one after another until it is acknowledged."""
    body = write_json_bytes(event)

    def is_taken() -> bool:
        return any(spoken_to(port, "POST", f"/events/{tenant}", body) == 200 for port in ports)

    until(is_taken, "an event is not acknowledged")
