"""Processes with a queue of SQS between them: whatever is in the queue, or is not, each order stands once."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from conftest import ROOT
from fleet import CUT, Process, drained, states
from orders import Sample
from postgres_server import ask, database
from serviced import HEADERS, spoken_to
from shopping import orders
from sqs_server import SQS
from waiting import until

from engine.documents import write_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app

ORDERS, LATENCY = 24, 0.2
# What somebody else may have put there: it is left there.
STRANGE = (
    "no JSON",
    '{"erpmap":2,"tenant":"dodici","delivery":1}',
    '{"erpmap":1,"tenant":"dodici","delivery":true}',
    '{"erpmap":1,"tenant":"dodici","delivery":1,"and":"more"}',
    "[" * 5_000,
)
# Keys of deliveries that are not there.
UNKNOWN = (
    '{"erpmap":1,"tenant":"dodici","delivery":9223372036854775807}',
    '{"erpmap":1,"tenant":"nobody","delivery":4000000}',
)


@dataclass
class Shop:
    """Events of a shop, sent to services until each is acknowledged."""

    journal: str
    simulator: str
    played: SimulatedTenant
    sqs: SQS
    samples: Sequence[Sample]
    senders: list[threading.Thread] = field(default_factory=list)

    def process(self, port: int = 0) -> Process:
        environ = {**self.sqs.environ, "ERPMAP_SQS": self.sqs.url}
        return Process(self.journal, self.simulator, port, environ)

    def opens(self, samples: Sequence[Sample]) -> None:
        """From now on NewStore knows these orders."""
        for sample in samples:
            self.played.shop.add(sample.event, sample.order, sample.account)

    def send(self, samples: Sequence[Sample], ports: Sequence[int]) -> None:
        """Send each, to one process after another, until it is acknowledged."""
        for port in ports:
            until(lambda port=port: spoken_to(port, "GET", "/readyz") == 200, "it does not answer")  # type: ignore[misc] # mypy infers no lambda with a default
        for at, sample in enumerate(samples):
            body = write_json_bytes(sample.event)
            thread = threading.Thread(target=_acknowledged, args=(body, ports, at), daemon=True)
            thread.start()
            self.senders.append(thread)

    def is_acknowledged(self) -> None:
        for sender in self.senders:
            sender.join(90)
            assert not sender.is_alive(), "an event is not acknowledged"

    def each_order_stands_once(self) -> None:
        ledger = self.played.netsuite.state.ledger
        assert states(self.journal) == {"delivered": ORDERS}
        assert len(ledger.transactions()) == ORDERS
        assert set(ledger.created.values()) == {1}
        asked = self.played.netsuite.state.places.document()
        assert (asked["refused"], asked["most_at_once"] <= asked["limit"]) == (0, True)

    def created(self) -> int:
        return len(self.played.netsuite.state.ledger.transactions())

    def keys(self, tenant: str, where: str = "") -> list[str]:
        """Keys of deliveries as erpmap writes them."""
        rows = ask(self.journal, f"select id from deliveries {where}")
        return [f'{{"erpmap":1,"tenant":"{tenant}","delivery":{id_}}}' for (id_,) in rows]


def _acknowledged(body: bytes, ports: Sequence[int], at: int) -> None:
    while _status(body, ports[at % len(ports)]) != 200:
        at += 1


def _status(body: bytes, port: int, tenant: str = "dodici") -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("POST", f"/events/{tenant}", body, HEADERS)
        return connection.getresponse().status
    return None


@contextmanager
def shop() -> Iterator[Shop]:
    samples = [sample for _, sample in orders(ORDERS)]
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    played.faults["netsuite"].latency = LATENCY
    with (
        database() as journal,
        serve_in_thread(build_simulator_app([played])) as simulator,
        SQS() as sqs,
    ):
        yield Shop(journal, simulator, played, sqs, samples)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_one_is_killed_and_the_other_takes_over() -> None:
    ports = (free_port(), free_port())
    with shop() as at, at.process(ports[0]) as one, at.process(ports[1]) as other:
        at.opens(at.samples)
        at.send(at.samples, ports)
        until(at.created, "nothing is written")
        at.sqs.put(*at.keys("dodici"))  # as SQS may do it at any time
        until(one.holds_some, "nothing is held")
        one.signal(signal.SIGKILL)
        one.process.wait()
        at.is_acknowledged()
        drained(at.journal)
        at.each_order_stands_once()
        assert other.process.poll() is None


def test_without_sqs_the_journal_goes_on_and_with_it_again() -> None:
    port = free_port()
    with shop() as at, at.process(port) as one:
        *known, late = at.samples
        at.opens(known)
        at.send(known[:8], [port])
        until(at.created, "nothing is written")
        at.sqs.kill()
        with at.process() as other:
            at.send(known[8:16], [port])
            until(other.is_ready, "it does not begin without SQS")
            at.is_acknowledged()
            at.sqs.start()
            until(partial(_is_asked, at.sqs, "ReceiveMessage"), "nobody receives any more")
            at.send([*known[16:], late], [port])
            until(partial(_is_asked, at.sqs, "SendMessageBatch"), "nobody sends any more")
            ask(at.journal, CUT)
            at.is_acknowledged()
            assert states(at.journal)["waiting"] == 1
            at.sqs.put(*at.keys("dodici"), *at.keys("nordhus", "where state = 'waiting'"))
            at.sqs.put(*STRANGE, *UNKNOWN)
            strange = len(STRANGE) + 1
            until(lambda: at.sqs.left() == strange, "not what is strange is left, or not only that")
            at.opens([late])
            ask(at.journal, "update deliveries set due_at = 0 where state = 'waiting'")
            at.sqs.put(*at.keys("dodici"))
            drained(at.journal)
            at.each_order_stands_once()
            until(lambda: at.sqs.left() == strange, "a message is left that was seen to")
            for process in (one, other):
                process.signal(signal.SIGTERM)
                assert process.process.wait(60) == 0
            assert not ask(at.journal, "select holder from holders union select holder from shares")


def test_the_flood_of_one_tenant_keeps_no_other_waiting(tmp_path: Path) -> None:
    """Its messages are received, and left to the journal as far as there is no room for them."""
    mappings, port = _twins(tmp_path), free_port()
    *flood, single = [sample for _, sample in orders(20)]
    busy, calm = (
        load_simulated_tenant(open_folder(mappings), name) for name in ("dodici", "tredici")
    )
    busy.faults["netsuite"].latency = 2.0
    for played, samples in ((busy, flood), (calm, [single])):
        for sample in samples:
            played.shop.add(sample.event, sample.order, sample.account)
    with (
        database() as journal,
        serve_in_thread(build_simulator_app([busy, calm])) as simulator,
        SQS() as sqs,
    ):
        environ = {**sqs.environ, "ERPMAP_SQS": sqs.url}
        with Process(journal, simulator, port, environ, mappings):
            until(lambda: spoken_to(port, "GET", "/readyz") == 200, "it does not begin")
            assert {_status(write_json_bytes(one.event), port) for one in flood} == {200}
            assert _status(write_json_bytes(single.event), port, "tredici") == 200
            until(calm.netsuite.state.ledger.transactions, "the other tenant waits")
            assert states(journal)["waiting"]
            busy.faults["netsuite"].latency = 0.0
            drained(journal)
            until(lambda: not sqs.left(), "a message is left that was seen to")
    assert posted(busy, calm) == (len(flood), 1)


def posted(*all_: SimulatedTenant) -> tuple[int, ...]:
    return tuple(len(played.netsuite.state.ledger.transactions()) for played in all_)


def _twins(folder: Path) -> Path:
    """Mappings with dodici, and the same as another tenant with an account of its own."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    file = mappings / "dodici" / "tenant.yaml"
    file.write_text(file.read_text().replace("acknowledge: delivered", "acknowledge: stored"))
    shutil.copytree(mappings / "dodici", mappings / "tredici")
    for file in (mappings / "tredici").glob("*.yaml"):
        text = file.read_text().replace("1234567", "7654321").replace("dodici-", "tredici-")
        file.write_text(text.replace("tenant: dodici\n", "tenant: tredici\n"))
    return mappings


def _is_asked(sqs: SQS, operation: str) -> bool:
    return operation in sqs.counts()
