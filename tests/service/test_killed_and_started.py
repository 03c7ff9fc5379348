"""Killed with kill -9 and started at once, while its requests are still open at NetSuite.

NetSuite goes on with them; together with those of the new process there are never more than allowed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from commanded import played_with
from fleet import Process, drained
from postgres_server import database
from serviced import TENANT, Service, free_ports, spoken_to
from shopping import orders
from waiting import until

from engine.documents import write_json_bytes
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import SimulatedTenant, build_simulator_app

SAMPLES = [sample for _, sample in orders(16)]
# Requests that are open when their process is killed last longer than its successor takes to start.
OPEN, QUICK = 4.0, 0.05


@pytest.fixture
def played() -> SimulatedTenant:
    one = played_with(*SAMPLES)
    one.faults["netsuite"].latency = OPEN
    return one


def test_on_sqlite_what_it_left_open_counts(tmp_path: Path, played: SimulatedTenant) -> None:
    journal = tmp_path / "journal.db"
    with serve_in_thread(build_simulator_app([played])) as simulator:
        with Service(journal, simulator) as service, ThreadPoolExecutor(len(SAMPLES)) as senders:
            _send_all(senders, service.port)
            until(lambda: _under_way(played) == 5, "the allowance is not in use")
            service.process.kill()
            service.process.wait()
        played.faults["netsuite"].latency = QUICK
        with Service(journal, simulator) as service, ThreadPoolExecutor(len(SAMPLES)) as senders:
            _send_all(senders, service.port)
            until(lambda: len(played.netsuite.state.ledger.transactions()) == len(SAMPLES), "left")
            service.drained()
    _never_too_many(played)


def test_on_postgresql_it_counts_and_its_deliveries_go_on_before_its_lease_ends(
    played: SimulatedTenant,
) -> None:
    """The share of its requests would be leased for their deadline, and longer."""
    ports = free_ports(2)
    with database() as journal, serve_in_thread(build_simulator_app([played])) as simulator:
        with (
            Process(journal, simulator, ports[0], deadline=600.0) as one,
            ThreadPoolExecutor(len(SAMPLES)) as senders,
        ):
            until(lambda: spoken_to(ports[0], "GET", "/readyz") == 200, "it is not ready")
            _send_all(senders, ports[0])
            until(lambda: _under_way(played) == 5, "the allowance is not in use")
            one.process.kill()
            one.process.wait()
        played.faults["netsuite"].latency = QUICK
        with (
            Process(journal, simulator, ports[1], deadline=600.0),
            ThreadPoolExecutor(len(SAMPLES)) as senders,
        ):
            until(lambda: spoken_to(ports[1], "GET", "/readyz") == 200, "it is not ready")
            _send_all(senders, ports[1])
            until(lambda: len(played.netsuite.state.ledger.transactions()) == len(SAMPLES), "left")
            drained(journal)
    _never_too_many(played)


def _send_all(senders: ThreadPoolExecutor, port: int) -> None:
    """Send every event, and wait for no answer: a killed service gives none."""
    for sample in SAMPLES:
        body = write_json_bytes(sample.event)
        senders.submit(spoken_to, port, "POST", f"/events/{TENANT}", body)


def _under_way(played: SimulatedTenant) -> int:
    found: int = played.netsuite.state.places.document()["under_way"]
    return found


def _never_too_many(played: SimulatedTenant) -> None:
    asked = played.netsuite.state.places.document()
    assert (asked["refused"], asked["most_at_once"]) == (0, 5)
    assert set(played.netsuite.state.ledger.created.values()) == {1}
