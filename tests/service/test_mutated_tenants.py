"""Broken tenants beside a healthy one: the service lives, the healthy one delivers, each trouble is told."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

from commanded import Commanded, played_with
from conftest import ROOT
from exact import assert_once_and_exact
from mutated_tenants import copy_tenant, mutate
from scale import scaled
from serviced import send
from shopping import orders
from starlette.types import ASGIApp, Receive, Scope, Send
from waiting import until

from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

FOLDERS = scaled(15, full=200)
# To load so many takes a while on a machine that is busy.
PATIENCE = 20.0 * FOLDERS


class Everyone:
    """A simulator that plays every tenant as dodici."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/t"):
            scope = dict(scope) | {"path": "/dodici/" + scope["path"].split("/", 2)[2]}
        await self.app(scope, receive, send)


def mutated_tenants(root: Path, beside: Path, seed: int) -> Mapping[str, str]:
    """Put folders of broken tenants into `root`, each at once; what is wrong with each."""
    random = Random(seed)
    found: dict[str, str] = {}
    for number in range(FOLDERS):
        folder = beside / f"t{number:03}"
        copy_tenant(ROOT / "mappings" / "dodici", folder)
        found[folder.name] = mutate(folder, random)
        folder.rename(root / folder.name)
    return found


def told(service: Commanded) -> Counter[str]:
    """How many lines of the log say what became of each tenant."""
    lines = (*service.said("tenant ready"), *service.said("tenant in trouble"))
    return Counter(line["tenant"] for line in lines)


def test_broken_tenants_end_nothing_and_each_trouble_is_told_once(tmp_path: Path) -> None:
    mappings = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("nordhus", "cases"))
    bought = list(orders(12))
    played = played_with(*(sample for _, sample in bought))
    world = Everyone(build_simulator_app([played]))
    with (
        serve_in_thread(world) as simulator,
        Commanded(tmp_path / "journal.db", simulator, mappings=mappings, tenants=()) as service,
    ):
        broken = mutated_tenants(mappings, tmp_path, seed=15)  # they are swapped in while it runs
        for _, sample in bought:
            assert send(service, sample.event)
        until(lambda: broken.keys() <= told(service).keys(), "a tenant is not told", PATIENCE)
        service.drained(120)
        assert service.process.poll() is None
        assert service.request("GET", "/readyz") == 200
        failed = {
            line["tenant"]: (broken.get(line["tenant"]), line["why"])
            for line in service.said("tenant in trouble")
            if "erpmap failed" in line["why"]
        }
        assert not failed
        assert {name: count for name, count in told(service).items() if count > 1} == {}
        assert "Traceback" not in service.log
    assert_once_and_exact(played, [purchase for purchase, _ in bought])
