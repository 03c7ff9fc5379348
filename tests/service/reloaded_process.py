"""A process of the service without HTTP: its tenants are reloaded, one look after another."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from conftest import ROOT

from engine.commands.connect import tenant_opener
from engine.journal.writer import Writer
from engine.processes import LocalWork
from engine.service.dispatch.account_health import AccountHealth
from engine.service.dispatch.backlog import BacklogRouter
from engine.service.dispatch.embedded_engine import EmbeddedEngine
from engine.service.dispatch.fair_evaluator import FairEvaluator
from engine.service.dispatch.open_engine import AllowanceSource, create_allowances
from engine.service.dispatch.tenants import Tenants
from engine.service.dispatch.waiters import Waiters
from engine.service.dispatch.worker import Worker
from engine.service.monitoring.tenant_monitors import TenantMonitors
from engine.service.reload.open_tenant import TenantResources
from engine.service.reload.reload import TenantReload
from engine.service.reload.tenant_selection import TenantSelection
from engine.service.reload.tenant_unit import UnitParts
from engine.service.web.acknowledge import Acceptance

# So many looks are half a minute.
LOOKS = 15


@dataclass(frozen=True, slots=True)
class ReloadedProcess:
    """What is looked at and asked; `worker` delivers."""

    reload: TenantReload
    tenants: Tenants
    acceptance: Acceptance
    worker: Worker


def mappings_in(folder: Path) -> Path:
    """dodici's mappings, to be changed; without its cases, which take a while."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    return mappings


@asynccontextmanager
async def open_process(
    journal: Writer, mappings: Path, simulator: str
) -> AsyncIterator[ReloadedProcess]:
    """A process at a journal; its tenants are opened with its first look."""
    tenants, waiters = Tenants(), Waiters(journal)
    worker = Worker(journal, "a", _now, waiters.notify)
    engine = EmbeddedEngine(worker, tenants)
    governors = create_allowances("sqlite:///journal.db", AllowanceSource(journal, "a", 60.0))
    opener, processes = tenant_opener(mappings, simulator, requests_a_second=100), LocalWork()
    resources = TenantResources(mappings, opener, governors, processes, FairEvaluator(processes))
    wanted = TenantSelection(mappings, ("dodici",), {"dodici": ("key",)})
    backlog_router, monitors = (
        BacklogRouter(journal, engine, _now),
        TenantMonitors(mappings, journal, is_simulated=True),
    )
    reload = TenantReload(UnitParts(wanted, resources, tenants, worker, backlog_router, monitors))
    acceptance = Acceptance(journal, tenants, engine, waiters, AccountHealth(), _now, deadline=0.0)
    try:
        yield ReloadedProcess(reload, tenants, acceptance, worker)
    finally:
        await reload.close()
        await processes.close()
        await governors.close()


def _now() -> int:
    return time.time_ns() // 1_000_000
