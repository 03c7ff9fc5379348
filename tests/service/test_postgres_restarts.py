"""PostgreSQL is stopped and started while two processes take events and deliver them.

Once as in a crash, once in good order: nothing is lost, each order stands once, and both processes
work again by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from commanded import played_with
from fleet import Process, drained, states
from postgres_cluster import cluster
from serviced import TENANT, free_ports, spoken_to
from shopping import orders
from waiting import until

from engine.documents import write_json_bytes
from engine.simulator.netsuite.ledger import SimulatedLedger
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

SAMPLES = [sample for _, sample in orders(24)]
# Slow enough to be stopped in the middle.
LATENCY = 0.1


def test_postgresql_restarts_and_nothing_is_lost_or_posted_twice() -> None:
    played = played_with(*SAMPLES)
    played.faults["netsuite"].latency = LATENCY
    ledger = played.netsuite.state.ledger
    ports = free_ports(2)
    with (
        cluster() as server,
        serve_in_thread(build_simulator_app([played])) as simulator,
        Process(server.url, simulator, ports[0]) as one,
        Process(server.url, simulator, ports[1]) as other,
        ThreadPoolExecutor(4) as senders,
    ):
        _all_ready(ports)
        sent = [
            senders.submit(_sent, ports[at % 2], sample.event) for at, sample in enumerate(SAMPLES)
        ]
        for how, written in (("immediate", 4), ("fast", 12)):
            until(partial(_has, ledger, written), "it stands still")
            server.stop(how)
            until(lambda: _statuses(ports) == [503, 503], "a process calls itself ready")
            server.start()
            _all_ready(ports)
        for one_ in sent:
            one_.result()
        drained(server.url)
        assert [process.process.poll() for process in (one, other)] == [None, None]
        assert states(server.url) == {"delivered": len(SAMPLES)}
    assert len(ledger.transactions()) == len(SAMPLES)
    assert set(ledger.created.values()) == {1}


def _has(ledger: SimulatedLedger, written: int) -> bool:
    return len(ledger.transactions()) >= written


def _sent(port: int, event: object) -> None:
    """The event, sent until it is acknowledged."""
    body = write_json_bytes(event)
    send = partial(spoken_to, port, "POST", f"/events/{TENANT}", body)
    until(lambda: send() == 200, "an event is not acknowledged")


def _statuses(ports: Sequence[int]) -> list[int | None]:
    return [spoken_to(port, "GET", "/readyz") for port in ports]


def _all_ready(ports: Sequence[int]) -> None:
    until(lambda: set(_statuses(ports)) == {200}, "a process is not ready")
