"""The service, from its settings to its end."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from ..connecting import connection_of, open_systems, simulated_connection
from ..dispatch.embedded import Embedded
from ..dispatch.hearing import Hearing
from ..dispatch.tenants import Ready, Tenants
from ..dispatch.working import Worker
from ..journal.opening import opened
from ..load import load_tenant, open_folder
from ..web.app import Doors, service_app
from .accepting import Acceptance


@dataclass(frozen=True, slots=True)
class Served:
    """What is served: the tenants that have keys, from the mappings at `root`.

    `journal` is its address; `simulator`, if there is one, is spoken to instead of the real systems.
    """

    root: Path
    journal: str
    host: str
    port: int
    simulator: str | None
    keys: Mapping[str, tuple[str, ...]]


async def serve(served: Served) -> None:
    """Serve until the process is told to stop."""
    with opened(served.journal) as journal:
        tenants, hearing = Tenants(), Hearing(journal)
        worker = Worker(journal, _holder(), _now, hearing.told)
        engine = Embedded(worker, tenants)
        async with AsyncExitStack() as stack:
            for name in served.keys:
                ready = await stack.enter_async_context(_opened(served, name))
                tenants.ready = {**tenants.ready, name: ready}
            running = asyncio.create_task(engine.run())
            acceptance = Acceptance(journal, tenants, engine, hearing, _now)
            app = service_app(Doors(served.keys.get, acceptance.accept))
            await _listen(app, served)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def _listen(app: ASGIApp, served: Served) -> None:
    config = uvicorn.Config(
        app, served.host, served.port, log_level="warning", lifespan="off", access_log=False
    )
    await uvicorn.Server(config).serve()


@asynccontextmanager
async def _opened(served: Served, name: str) -> AsyncIterator[Ready]:
    loaded = load_tenant(open_folder(served.root), name)
    assert loaded.tenant is not None
    if served.simulator:
        connection = await simulated_connection(name, served.simulator)
    else:
        connection = connection_of(loaded.tenant, served.root / name, os.environ)
    async with open_systems(connection) as systems:
        plans = {plan.name: plan for plan in loaded.plans}
        yield Ready(name, plans, systems, connection.netsuite.account, connection.allowance)


def _holder() -> str:
    """A name that no other process has, nor this one when it is started again."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _now() -> int:
    return time.time_ns() // 1_000_000
