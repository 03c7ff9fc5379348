"""The service, from its settings to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from ..connecting import connection_of, open_systems, simulated_connection
from ..dispatch.allowance import Allowances
from ..dispatch.hearing import Hearing
from ..dispatch.opening import LEASE_SECONDS, allowances, open_engine
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
    `deadline` is that of one exchange with a system; after `lease` a process that is not heard of
    is held to be gone. Both are in seconds.
    """

    root: Path
    journal: str
    host: str
    port: int
    simulator: str | None
    keys: Mapping[str, tuple[str, ...]]
    deadline: float = 60.0
    lease: float = LEASE_SECONDS


async def serve(served: Served) -> None:
    """Serve until the process is told to stop."""
    async with _at_work(served) as acceptance:
        await _listen(service_app(Doors(served.keys.get, acceptance.accept)), served)


async def work(served: Served) -> None:
    """Work at what others accept, until the process is told to stop (SIGINT, SIGTERM)."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _at_work(served):
        await stop.wait()


@asynccontextmanager
async def _at_work(served: Served) -> AsyncIterator[Acceptance]:
    """The tenants opened and an engine at work; at the end what is under way is brought to its end."""
    with opened(served.journal) as journal:
        tenants, hearing = Tenants(), Hearing(journal)
        worker = Worker(journal, _holder(), _now, hearing.told)
        engine = await open_engine(served.journal, worker, tenants, served.lease)
        governors = allowances(served.journal, journal, worker.holder, served.deadline)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(governors.close)
            for name in served.keys:
                ready = await stack.enter_async_context(_opened(served, name, governors))
                tenants.ready = {**tenants.ready, name: ready}
            running = asyncio.create_task(engine.run())
            try:
                yield Acceptance(journal, tenants, engine, hearing, _now)
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running


async def _listen(app: ASGIApp, served: Served) -> None:
    config = uvicorn.Config(
        app, served.host, served.port, log_level="warning", lifespan="off", access_log=False
    )
    await uvicorn.Server(config).serve()


@asynccontextmanager
async def _opened(served: Served, name: str, governors: Allowances) -> AsyncIterator[Ready]:
    loaded = load_tenant(open_folder(served.root), name)
    assert loaded.tenant is not None
    if served.simulator:
        connection = await simulated_connection(name, served.simulator)
    else:
        connection = connection_of(loaded.tenant, served.root / name, os.environ)
    account = connection.netsuite.account
    allowance = governors.of(account, name, connection.allowance)
    async with open_systems(connection, deadline=served.deadline, allowance=allowance) as systems:
        plans = {plan.name: plan for plan in loaded.plans}
        yield Ready(name, plans, systems, account, connection.allowance)


def _holder() -> str:
    """A name that no other process has, nor this one when it is started again."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _now() -> int:
    return time.time_ns() // 1_000_000
