"""The service, from its settings to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp

from ..dispatch.embedded import Embedded
from ..dispatch.health import Health
from ..dispatch.hearing import Hearing
from ..dispatch.tenants import Tenants, Trouble
from ..dispatch.working import Told, Worker
from ..errors import ErpmapError
from ..journal.opening import opened
from ..web.app import Doors, service_app
from .accepting import Acceptance
from .alone import alone
from .settling import Settling
from .tending import Tending, Wanted


@dataclass(frozen=True, slots=True)
class Served:
    """What is served, and where; `journal` is its address, port 0 any that is free."""

    wanted: Wanted
    journal: str
    host: str
    port: int
    told: Callable[[str, Trouble | None], None] = lambda _name, _trouble: None
    listening: Callable[[str], None] = field(default=lambda _address: None)


async def serve(served: Served) -> None:
    """Serve until the process is told to stop. Raise JournalError when the journal cannot be had."""
    with alone(served.journal), opened(served.journal) as journal:
        tenants, hearing, health = Tenants(), Hearing(journal), Health()

        def told(one: Told) -> None:
            health.told(one)
            hearing.told(one)

        worker = Worker(journal, _holder(), _now, told)
        engine = Embedded(worker, tenants)
        settling = Settling(journal, engine, _now)
        tending = Tending(served.wanted, tenants, worker, settling, served.told)
        acceptance = Acceptance(journal, tenants, engine, hearing, health, _now)
        app = service_app(Doors(lambda: tenants.keys, acceptance.accept))
        await _run(served, app, engine, tending)


async def _run(served: Served, app: ASGIApp, engine: Embedded, tending: Tending) -> None:
    await tending.look()
    tasks = [asyncio.create_task(engine.run()), asyncio.create_task(tending.run())]
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, tending.changed.set)
    try:
        await _listen(app, served)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await tending.close()


async def _listen(app: ASGIApp, served: Served) -> None:
    """Answer on the address until told to stop (SIGINT, SIGTERM). Raise ErpmapError: it is taken."""
    config = uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False)
    try:
        listening = socket.create_server((served.host, served.port), backlog=1024)
    except OSError as error:
        words = f"{served.host}:{served.port} cannot be listened on: {error.strerror}"
        raise ErpmapError(words) from error
    with listening:
        served.listening(f"http://{served.host}:{listening.getsockname()[1]}")
        await uvicorn.Server(config).serve(sockets=[listening])


def _holder() -> str:
    """A name that no other process has, nor this one when it is started again."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _now() -> int:
    return time.time_ns() // 1_000_000
