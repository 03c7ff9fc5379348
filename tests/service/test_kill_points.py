"""kill -9 at every request that deliveries make: before it arrives, and before its answer leaves.

The simulators kill whoever asks, so the service has no part in its death. NewStore sends again what
was not acknowledged; after the restart each order stands in the ledger once, and nothing is left.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from conftest import ROOT
from deadly import Deadly
from scale import scaled
from serviced import Service, send
from shopping import orders
from trapped import meddled, trapped_account, trapped_mappings

from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import build_simulator_app

ORDERS = 2
# What two orders ask of both systems when nobody dies, the tokens of both among them.
REQUESTS = 14


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("at", range(1, REQUESTS + 1))
def test_killed_at_a_request_each_order_stands_once(tmp_path: Path, at: int, heard: bool) -> None:  # noqa: FBT001 - pytest gives it
    journal = tmp_path / "journal.db"
    samples = [sample for _, sample in orders(ORDERS)]
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in samples:
        played.shop.add(sample.event, sample.order, sample.account)
    deadly = Deadly(build_simulator_app([played]), at, heard=heard)
    with serve_in_thread(deadly) as simulator:
        with Service(journal, simulator) as service:
            deadly.victim = service.process
            left = [sample for sample in samples if not send(service, sample.event)]
            service.process.wait(60)
        assert deadly.count >= at, "nobody was killed"
        deadly.victim = None
        with Service(journal, simulator) as service:
            assert all(send(service, sample.event) for sample in left)
            service.drained()
    assert _states(journal) == ["delivered"] * ORDERS
    ledger = played.netsuite.state.ledger
    assert len(ledger.transactions()) == ORDERS
    assert set(ledger.created.values()) == {1}


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("at", scaled((7, 9, 11, 13), full=tuple(range(1, REQUESTS + 5))))
def test_killed_in_an_account_full_of_traps_each_order_stands_once(
    tmp_path: Path,
    at: int,
    heard: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    """The mappings are edited and the items reordered before the restart."""
    journal, mappings = tmp_path / "journal.db", trapped_mappings(tmp_path)
    samples = [sample for _, sample in orders(ORDERS)]
    played = trapped_account(mappings)
    for sample in samples:
        played.shop.add(sample.event, sample.order, sample.account)
    deadly = Deadly(build_simulator_app([played]), at, heard=heard)
    with serve_in_thread(deadly) as simulator:
        with Service(journal, simulator, mappings) as service:
            deadly.victim = service.process
            left = [sample for sample in samples if not send(service, sample.event)]
            if not left:
                service.drained()
        deadly.victim = None
        with meddled(mappings, played, samples):
            time.sleep(1.5)
        with Service(journal, simulator, mappings) as service:
            assert all(send(service, sample.event) for sample in left)
            service.drained()
    assert _states(journal) == ["delivered"] * ORDERS
    ledger = played.netsuite.state.ledger
    assert len(ledger.transactions()) == ORDERS
    assert set(ledger.created.values()) == {1}


def test_an_undisturbed_run_makes_so_many_requests(tmp_path: Path) -> None:
    samples = [sample for _, sample in orders(ORDERS)]
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in samples:
        played.shop.add(sample.event, sample.order, sample.account)
    counting = Deadly(build_simulator_app([played]), 0, heard=True)
    with (
        serve_in_thread(counting) as simulator,
        Service(tmp_path / "journal.db", simulator) as service,
    ):
        assert all(send(service, sample.event) for sample in samples)
        service.drained()
    assert counting.count == REQUESTS


def _states(journal: Path) -> list[str]:
    with sqlite3.connect(journal, timeout=5) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM deliveries")]
