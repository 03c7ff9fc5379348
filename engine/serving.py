"""The service put together: tenants opened, the journal, the engine, the doors."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from .connecting import connection_of, open_systems, simulated_connection
from .dispatch.embedded import Embedded
from .dispatch.routing import arrival_of
from .dispatch.tenants import Ready, Tenants
from .dispatch.working import Worker
from .journal.committing import Committer
from .journal.opening import open_journal
from .journal.storing import Stored, store
from .load import load_tenant, open_folder
from .web.app import Doors, service_app


@dataclass(frozen=True, slots=True)
class Served:
    """What `erpmap serve` was asked for."""

    root: Path
    journal: str
    host: str
    port: int
    simulator: str | None
    keys: Mapping[str, tuple[str, ...]]


def _now() -> int:
    return time.time_ns() // 1_000_000


async def serve(served: Served) -> None:
    """Serve until the process is told to stop."""
    journal = open_journal(served.journal)
    tenants = Tenants()
    worker = Worker(journal, f"{os.getpid()}-{uuid.uuid4().hex[:8]}", _now)
    engine = Embedded(worker, tenants)
    async with AsyncExitStack() as stack:
        for name in served.keys:
            ready = await stack.enter_async_context(_opened(served, name))
            tenants.ready = {**tenants.ready, name: ready}
        running = asyncio.create_task(engine.run())
        app = service_app(Doors(served.keys.get, _accepting(journal, tenants, engine)))
        config = uvicorn.Config(
            app, served.host, served.port, log_level="warning", lifespan="off", access_log=False
        )
        await uvicorn.Server(config).serve()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    journal.close()


def _accepting(journal: Committer, tenants: Tenants, engine: Embedded):  # type: ignore[no-untyped-def]
    async def accept(tenant: str, event: Mapping[str, object]) -> tuple[int, Mapping[str, object]]:
        ready = tenants.ready.get(tenant)
        plans = None if ready is None else tuple(ready.plans.values())
        arrival = arrival_of(tenant, event, plans, _now())
        stored: Stored = await journal.do(lambda connection: store(connection, arrival))
        if stored.begun:
            engine.wake()
        return 200, {"event": stored.event, "fate": stored.fate, "is_new": stored.is_new}

    return accept


@asynccontextmanager
async def _opened(served: Served, name: str) -> AsyncIterator[Ready]:
    loaded = load_tenant(open_folder(served.root), name)
    assert loaded.ok and loaded.tenant is not None
    if served.simulator:
        connection = await simulated_connection(name, served.simulator)
    else:
        connection = connection_of(loaded.tenant, served.root / name, os.environ)
    async with open_systems(connection) as systems:
        plans = {plan.name: plan for plan in loaded.plans}
        account = connection.netsuite.account
        yield Ready(name, plans, systems, account, connection.allowance)
