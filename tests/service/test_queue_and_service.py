"""`erpmap queue` while the service runs on the same journal: both go on, and hear of each other."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from command import erpmap
from conftest import ROOT
from fleet import Process
from orders import Sample
from postgres_server import ask, database
from serviced import Service, free_ports, send, spoken_to
from shopping import orders
from waiting import until

from engine.documents import write_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app


def add(played: SimulatedTenant, sample: Sample) -> None:
    played.shop.add(sample.event, sample.order, sample.account)


def test_people_work_at_the_journal_beside_the_service(tmp_path: Path) -> None:
    samples = [sample for _, sample in orders(3)]
    late, *others = samples
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in others:
        add(played, sample)
    journal = tmp_path / "journal.db"
    variables = {"ERPMAP_JOURNAL": f"sqlite:///{journal}"}

    def queue(*arguments: str) -> str:
        ended = erpmap("queue", *arguments, variables=variables)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator) as service,
    ):
        assert all(send(service, sample.event) for sample in samples)
        (waiting,) = json.loads(queue("list", "--format", "json"))["deliveries"]
        assert (waiting["state"], waiting["reason"]) == ("waiting", "order_pending")
        queue("park", str(waiting["id"]), "--because", "is it lost?")
        add(played, late)
        # Its next attempt would be in a while; the service hears of it within a second.
        queue("retry", waiting["order"])
        service.drained()
        assert queue("list", "--all").count("delivered") >= len(samples)
        assert "everything adds up" in queue("audit")
        # The service keeps what its mappings were made of.
        assert json.loads(queue("replay", waiting["order"], "--format", "json"))["same"]
    ledger = played.netsuite.state.ledger
    assert set(ledger.created.values()) == {1}
    assert len(ledger.transactions()) == len(samples)


def test_on_postgresql_a_retry_is_due_when_the_command_has_ended() -> None:
    """One that waits for later is due now, and so is one that was parked."""
    samples = [sample for what, sample in orders(12) if what.channel_type == "web"][:2]
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    (port,) = free_ports(1)
    with database() as journal, serve_in_thread(build_simulator_app([played])) as simulator:
        variables = {"ERPMAP_JOURNAL": journal}
        with Process(journal, simulator, port) as process:
            until(lambda: spoken_to(port, "GET", "/readyz") == 200, "it is not ready")
            for sample in samples:
                body = write_json_bytes(sample.event)
                assert spoken_to(port, "POST", "/events/dodici", body) == 200
            process.signal(signal.SIGTERM)
            assert process.process.wait(60) == 0
        (first,), (second,) = ask(journal, "select id from deliveries order by id")
        # As after hours of waiting: the next attempt would be in ten minutes.
        ask(journal, "update deliveries set due_at = due_at + 600000")
        assert erpmap("queue", "park", str(first), variables=variables).returncode == 0
        retried = erpmap("queue", "retry", str(first), str(second), variables=variables)
        assert retried.returncode == 0, retried.stderr
        due = """select id from deliveries
            where state = 'waiting' and due_at <= extract(epoch from now()) * 1000 order by id"""
        assert ask(journal, due) == [(first,), (second,)]
