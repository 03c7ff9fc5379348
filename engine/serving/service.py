"""The service, from its settings to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from ..dispatch.embedded import Embedded
from ..dispatch.health import Health
from ..dispatch.hearing import Hearing
from ..dispatch.tenants import Tenants, Trouble
from ..dispatch.working import Told, Worker
from ..errors import ErpmapError
from ..journal.opening import opened
from ..observing.metrics import Measures, Page
from ..observing.readiness import readiness
from ..observing.watching import Watcher, Watchers
from ..web.app import Doors, Seen, service_app
from ..web.connections import Bounds, server_of
from .accepting import Acceptance
from .alone import alone
from .ending import Ending
from .settling import Settling
from .tending import Tending, Wanted


@dataclass(frozen=True, slots=True)
class Served:
    """What is served, and where; `journal` is its address, port 0 any that is free.

    `watchers` hear of every answer and attempt. Told to stop, it has `stop_seconds` to end in.
    """

    wanted: Wanted
    journal: str
    host: str
    port: int
    told: Callable[[str, Trouble | None], None] = lambda _name, _trouble: None
    listening: Callable[[str], None] = field(default=lambda _address: None)
    watchers: tuple[Watcher, ...] = ()
    stop_seconds: float = 30.0
    bounds: Bounds = field(default_factory=Bounds)


async def serve(served: Served) -> None:
    """Serve until the process is told to stop. Raise JournalError when the journal cannot be had."""
    with alone(served.journal), opened(served.journal) as journal:
        tenants, hearing, health, measures = Tenants(), Hearing(journal), Health(), Measures()
        journal.took = measures.took
        watchers = Watchers((measures, *served.watchers))

        def told(one: Told) -> None:
            health.told(one)
            hearing.told(one)
            watchers.ended(one)

        worker = Worker(journal, _holder(), _now, told, watchers.begun)
        engine = Embedded(worker, tenants)
        tending = Tending(
            served.wanted, tenants, worker, Settling(journal, engine, _now), served.told
        )
        acceptance = Acceptance(journal, tenants, engine, hearing, health, _now)
        doors = Doors(lambda: tenants.keys, acceptance.accept, told=watchers.answered)
        await tending.look()
        running = Running(
            [asyncio.create_task(engine.run()), asyncio.create_task(tending.run())],
            Ending(served.stop_seconds, [hearing.leave]),
        )
        page = Page(measures, journal, tenants)
        ready = readiness(journal, running.is_working, tenants)
        await _run(served, service_app(doors, Seen(ready.ready, page.text)), running, tending)


@dataclass(frozen=True, slots=True)
class Running:
    """The tasks of a service, the engine's first, and what ends them."""

    tasks: list[asyncio.Task[None]]
    ending: Ending

    def is_working(self) -> bool:
        """Whether the engine runs, and goes on running."""
        engine = self.tasks[0]
        return not engine.done() and not engine.cancelling()


async def _run(served: Served, app: ASGIApp, running: Running, tending: Tending) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, tending.changed.set)
    try:
        await _listen(app, served, running)
    finally:
        for task in running.tasks:
            await running.ending.ended(task)
        await tending.close()


async def _listen(app: ASGIApp, served: Served, running: Running) -> None:
    """Answer on the address until told to stop. Raise ErpmapError: it is taken."""
    try:
        listening = socket.create_server((served.host, served.port), backlog=1024)
    except OSError as error:
        words = f"{served.host}:{served.port} cannot be listened on: {error.strerror}"
        raise ErpmapError(words) from error
    server = server_of(app, served.bounds, grace=served.stop_seconds)
    with listening:
        running.ending.tell += [server.exit, *(task.cancel for task in running.tasks)]
        running.ending.listen()
        served.listening(f"http://{served.host}:{listening.getsockname()[1]}")
        await server.serve(sockets=[listening])


def _holder() -> str:
    """A name that no other process has, nor this one when it is started again."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _now() -> int:
    return time.time_ns() // 1_000_000
