"""What is sent and what is spoken to: events of many orders, mappings of a tenant, both simulators."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.documents import read_json_bytes, write_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import build_simulator_app

from ..ours import TENANT
from ..tables import ROOT

_CASE = ROOT / "mappings" / TENANT / "cases" / "web-order"
# Waits for ever, as far as a benchmark is concerned.
_LATE = 3600.0


def mappings_in(folder: Path) -> Path:
    """The tenant's mappings, acknowledging what is stored."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    tenant = mappings / TENANT / "tenant.yaml"
    text = tenant.read_text()
    tenant.write_text(text.replace("delivered, from: 2026-12-01", "stored"))
    return mappings


def events(count: int) -> list[bytes]:
    """So many events of one order, each under an id of its own."""
    event: Any = read_json_bytes("event", (_CASE / "event.json").read_bytes())
    return [
        write_json_bytes(
            {
                **event,
                "payload": {**event["payload"], "id": f"{number:08d}-0000-4000-8000-000000000000"},
            }
        )
        for number in range(count)
    ]


@contextmanager
def nobody_has_paid() -> Iterator[str]:
    """Simulators in which no payment is there yet: every delivery waits."""
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), TENANT)
    played.shop.settings.payments_delay = _LATE
    with serve_in_thread(build_simulator_app([played])) as address:
        yield address
