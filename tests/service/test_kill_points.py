"""kill -9, or a freeze, at every request of deliveries: before it arrives, and before its answer leaves.

The simulators kill or freeze the process that makes the request, so the service has no part in its
death. NewStore sends again what was not acknowledged; after the restart each order stands in the
ledger once, to the cent, and nothing is left.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import ROOT
from deadly import Deadly
from exact import assert_once_and_exact
from journals import JOURNALS, Journal
from scale import scaled
from serviced import Service, send
from shopping import orders
from trapped import meddled, trapped_account, trapped_mappings

from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import build_simulator_app

ORDERS = 2
BOUGHT = [purchase for purchase, _ in orders(ORDERS)]
SAMPLES = [sample for _, sample in orders(ORDERS)]
# What two orders ask of both systems when nobody dies, the tokens of both among them.
REQUESTS = 14
# Seconds until the process that comes after takes over what a dead one held in PostgreSQL.
LEASE = ("2",)

# On PostgreSQL a usual run has some of them: there what a dead process held is taken over after a while.
EVERY = [("sqlite", at) for at in range(1, REQUESTS + 1)] + [
    ("postgresql", at) for at in scaled((7, 12), full=tuple(range(1, REQUESTS + 1)))
]
TRAPPED = [("sqlite", at) for at in scaled((7, 9, 11, 13), full=tuple(range(1, REQUESTS + 5)))] + [
    ("postgresql", at) for at in scaled((11,), full=tuple(range(1, REQUESTS + 5)))
]
FROZEN = [
    (database, at)
    for database in JOURNALS
    for at in scaled((11,), full=tuple(range(1, REQUESTS + 1)))
]
# Longer than the lease.
FREEZE = 2.5


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(("database", "at"), EVERY)
def test_killed_at_a_request_each_order_stands_once(
    tmp_path: Path,
    database: str,
    at: int,
    heard: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in SAMPLES:
        played.shop.add(sample.event, sample.order, sample.account)
    deadly = Deadly(build_simulator_app([played]), at, heard=heard)
    with JOURNALS[database](tmp_path) as journal, serve_in_thread(deadly) as simulator:
        with Service(journal, simulator, more=LEASE) as service:
            deadly.victim = service.process
            left = [sample for sample in SAMPLES if not send(service, sample.event)]
            service.process.wait(60)
        assert deadly.count >= at, "nobody was killed"
        deadly.victim = None
        with Service(journal, simulator, more=LEASE) as service:
            assert all(send(service, sample.event) for sample in left)
            service.drained()
        assert _states(journal) == ["delivered"] * ORDERS
    assert_once_and_exact(played, BOUGHT)


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(("database", "at"), TRAPPED)
def test_killed_in_an_account_full_of_traps_each_order_stands_once(
    tmp_path: Path,
    database: str,
    at: int,
    heard: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    """The mappings are edited and the items reordered before the restart."""
    mappings = trapped_mappings(tmp_path)
    played = trapped_account(mappings)
    for sample in SAMPLES:
        played.shop.add(sample.event, sample.order, sample.account)
    deadly = Deadly(build_simulator_app([played]), at, heard=heard)
    with JOURNALS[database](tmp_path) as journal, serve_in_thread(deadly) as simulator:
        with Service(journal, simulator, mappings, LEASE) as service:
            deadly.victim = service.process
            left = [sample for sample in SAMPLES if not send(service, sample.event)]
            if not left:
                service.drained()
        deadly.victim = None
        with meddled(mappings, played, SAMPLES):
            time.sleep(1.5)
        with Service(journal, simulator, mappings, LEASE) as service:
            assert all(send(service, sample.event) for sample in left)
            service.drained()
        assert _states(journal) == ["delivered"] * ORDERS
    assert_once_and_exact(played, BOUGHT)


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(("database", "at"), FROZEN)
def test_frozen_in_an_account_full_of_traps_each_order_stands_once(
    tmp_path: Path,
    database: str,
    at: int,
    heard: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    """The process goes on when what it held may be another's, and its request has no answer."""
    mappings = trapped_mappings(tmp_path)
    played = trapped_account(mappings)
    for sample in SAMPLES:
        played.shop.add(sample.event, sample.order, sample.account)
    deadly = Deadly(build_simulator_app([played]), at, heard=heard, frozen=FREEZE)
    with (
        JOURNALS[database](tmp_path) as journal,
        serve_in_thread(deadly) as simulator,
        Service(journal, simulator, mappings, LEASE) as service,
        meddled(mappings, played, SAMPLES),
    ):
        deadly.victim = service.process
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
        assert _states(journal) == ["delivered"] * ORDERS
    assert deadly.count >= min(at, REQUESTS), "nobody was frozen"
    assert_once_and_exact(played, BOUGHT)


def test_an_undisturbed_run_makes_so_many_requests(tmp_path: Path) -> None:
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in SAMPLES:
        played.shop.add(sample.event, sample.order, sample.account)
    counting = Deadly(build_simulator_app([played]), 0, heard=True)
    with (
        serve_in_thread(counting) as simulator,
        Service(tmp_path / "journal.db", simulator) as service,
    ):
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
    assert counting.count == REQUESTS


def _states(journal: Journal) -> list[str]:
    return [state for (state,) in journal.rows("SELECT state FROM deliveries")]
