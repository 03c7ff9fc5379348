"""Sampled orders of a tenant, delivered to the simulators and reconciled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from command import erpmap

from engine.commands.connect import OpenSystems, open_systems, simulated_connection
from engine.delivery import AttemptState, RetryClock, deliver
from engine.documents import read_json_bytes
from engine.mapping.load import load_tenant, open_folder
from engine.orders.order import read_order
from engine.run import is_wanted
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import add_cases, load_simulated_tenant
from engine.simulator.world import build_simulator_app


def sample(root: Path, tenant: str, *more: str | Path) -> str:
    """Run `erpmap sample` of a tenant; what it says."""
    ended = erpmap("--mappings", root, "sample", tenant, *more)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def read_events(folder: Path) -> list[Any]:
    """The events of the orders below a folder."""
    return [read_order(path).event for path in sorted(folder.iterdir())]


def deliver_and_reconcile(root: Path, tenant: str, folder: Path, day: str) -> Any:
    """Deliver every order below a folder to the simulators; what `erpmap reconcile` says of the day."""
    played = load_simulated_tenant(open_folder(root), tenant)
    added = add_cases(played, folder)
    events = read_events(folder)
    assert len(added) == len(events)
    with serve_in_thread(build_simulator_app([played])) as address:
        asyncio.run(_deliver_all(root, tenant, events, address))
        end = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        window = ("--from", day, "--to", end, "--format", "json")
        ended = erpmap(
            "--mappings",
            root,
            "reconcile",
            tenant,
            *window,
            variables={"ERPMAP_SIMULATOR": address},
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return read_json_bytes("the report", ended.stdout.encode())


async def _deliver_all(root: Path, tenant: str, events: Sequence[Any], address: str) -> None:
    loaded = load_tenant(open_folder(root), tenant)
    connection = await simulated_connection(tenant, address)

    async def deliver_each(opened: OpenSystems) -> None:
        for event in events:
            for plan in loaded.plans:
                if is_wanted(plan, event):
                    clock = RetryClock(asyncio.get_running_loop().time, asyncio.sleep, 0)
                    result = await deliver(plan, event, opened.systems, clock)
                    assert result.state is AttemptState.DELIVERED, result

    async with open_systems(connection) as opened:
        await deliver_each(opened)
