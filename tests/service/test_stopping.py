"""SIGTERM: what is under way is brought to its end, or left for the next start; then a second one."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from commanded import Commanded, Holding, played_with
from serviced import send
from shopping import orders

from engine.documents import write_json_bytes
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import SimulatedTenant, build_simulator_app

SAMPLE = next(sample for _, sample in orders(1))
PATIENCE = 60.0


def test_what_is_under_way_ends_first(tmp_path: Path) -> None:
    """The sender who waits for the delivery is answered, since its event is stored."""
    played, journal = played_with(SAMPLE), tmp_path / "journal.db"
    holding = Holding(build_simulator_app([played]))
    with (
        serve_in_thread(holding) as simulator,
        Commanded(journal, simulator) as service,
        ThreadPoolExecutor(1) as senders,
    ):
        sent = senders.submit(send, service, SAMPLE.event)
        assert holding.reached.wait(PATIENCE)
        service.process.send_signal(signal.SIGTERM)
        assert sent.result()
        _until_it_listens_no_more(service)
        assert service.process.poll() is None
        holding.released.set()
        assert service.process.wait(PATIENCE) == 0
        assert service.said("stopped")
    assert _deliveries(journal) == [("delivered", 0)]
    assert len(played.netsuite.state.ledger.transactions()) == 1


def test_what_does_not_end_in_time_is_left_and_taken_over(tmp_path: Path) -> None:
    played, journal = played_with(SAMPLE), tmp_path / "journal.db"
    holding = Holding(build_simulator_app([played]))
    with serve_in_thread(holding) as simulator:
        with Commanded(journal, simulator, "--stop-within", "0.5") as service:
            _begin(service, holding)
            assert service.stop() == 0
            assert "Traceback" not in service.log
        assert _deliveries(journal) == [("running", 0)]
        holding.released.set()
        with Commanded(journal, simulator) as service:
            service.drained()
            assert service.stop() == 0
    assert _deliveries(journal) == [("delivered", 0)]
    assert _once(played)


def test_a_second_sigterm_ends_it_at_once(tmp_path: Path) -> None:
    played, journal = played_with(SAMPLE), tmp_path / "journal.db"
    holding = Holding(build_simulator_app([played]))
    with serve_in_thread(holding) as simulator:
        with Commanded(journal, simulator, "--stop-within", "3600") as service:
            _begin(service, holding)
            service.process.send_signal(signal.SIGTERM)
            _until_it_listens_no_more(service)
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(PATIENCE) == -signal.SIGTERM
        holding.released.set()
        with Commanded(journal, simulator) as service:
            service.drained()
    assert _once(played)


def _begin(service: Commanded, holding: Holding) -> None:
    """Send the order, and wait until NetSuite is asked to make a record of it."""
    body = write_json_bytes(SAMPLE.event)
    threading.Thread(target=service.request, args=("POST", "/events/dodici", body)).start()
    assert holding.reached.wait(PATIENCE)


def _until_it_listens_no_more(service: Commanded) -> None:
    end = time.monotonic() + PATIENCE
    while service.request("GET", "/healthz") is not None:
        assert time.monotonic() < end


def _once(played: SimulatedTenant) -> bool:
    ledger = played.netsuite.state.ledger
    return len(ledger.transactions()) == 1 and set(ledger.created.values()) == {1}


def _deliveries(journal: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return connection.execute("SELECT state, doubts <> '[]' FROM deliveries").fetchall()
