"""`erpmap queue` while the service runs on the same journal: both go on, and hear of each other."""

from __future__ import annotations

import json
from pathlib import Path

from command import erpmap
from conftest import ROOT
from orders import Sample
from serviced import Service, send
from shopping import orders

from engine.load import open_folder
from engine.simulator.serving import serving
from engine.simulator.tenants import play_tenant
from engine.simulator.world import Played, world_app


def add(played: Played, sample: Sample) -> None:
    played.shop.add(sample.event, sample.order, sample.account)


def test_people_work_at_the_journal_beside_the_service(tmp_path: Path) -> None:
    samples = [sample for _, sample in orders(3)]
    late, *others = samples
    played = play_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in others:
        add(played, sample)
    journal = tmp_path / "journal.db"
    variables = {"ERPMAP_JOURNAL": f"sqlite:///{journal}"}

    def queue(*arguments: str) -> str:
        ended = erpmap("queue", *arguments, variables=variables)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    with serving(world_app([played])) as simulator, Service(journal, simulator) as service:
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
