"""The service, from its settings to its end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from ..findings.errors import ErpmapError
from ..journal.database import open_journal
from ..journal.writer import Writer
from .dispatch.account_health import AccountHealth
from .dispatch.backlog import BacklogRouter
from .dispatch.clock import SlewedClock
from .dispatch.engine import Engine
from .dispatch.open_engine import LEASE_SECONDS, create_allowances, open_engine
from .dispatch.tenants import Tenants, TenantTrouble
from .dispatch.waiters import Waiters
from .dispatch.worker import FinishedAttempt, Worker
from .monitoring.metrics import Metrics, MetricsPage
from .monitoring.observers import Observer, Observers
from .monitoring.readiness import create_readiness
from .monitoring.tenant_monitors import TenantMonitors
from .process_lock import lock_journal
from .reload.open_tenant import TenantResources
from .reload.reload import TenantReload, TenantSelection
from .reload.systems_opener import SystemsOpener
from .shadow import ShadowFollower
from .shadow.shadow_folder import ShadowFolder
from .shutdown import Shutdown
from .web.acknowledge import Acceptance
from .web.app import EventEndpoint, StatusPages, create_app
from .web.connections import ConnectionLimits
from .web.server import create_server

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """What is served, and where; `journal` is its address, port 0 any that is free, None no port.

    `sqs` is the URL of a queue through which processes tell each other what is due, if there is one.
    `watchers` hear of every answer and attempt. Told to stop, it has `stop_seconds` to end in.
    `deadline` is that of one exchange with a system; after `lease` a process that is not heard of
    is held to be gone. Both are in seconds. `shadow` is a folder of mappings that are run beside the live
    ones and post nothing, and with `shadow_asks` ask for what those did not; `shadow_told` hears of
    them as `told` does of tenants. `wall` is the machine's clock, in nanoseconds since 1970.
    """

    wanted: TenantSelection
    opener: SystemsOpener
    journal: str
    host: str
    port: int | None
    told: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    listening: Callable[[str], None] = field(default=lambda _address: None)
    watchers: tuple[Observer, ...] = ()
    stop_seconds: float = 30.0
    bounds: ConnectionLimits = field(default_factory=ConnectionLimits)
    deadline: float = 60.0
    lease: float = LEASE_SECONDS
    shadow: Path | None = None
    shadow_asks: bool = False
    shadow_told: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    sqs: str | None = None
    wall: Callable[[], int] = time.time_ns


async def serve(served: ServiceRequest) -> None:
    """Serve until the process is told to stop. Raise JournalError or QueueError: they cannot be had."""
    async with _assembled(served) as parts, parts.at_work(served.stop_seconds) as running:
        await _listen(create_app(parts.doors(), parts.seen(running)), served, running)


async def work(served: ServiceRequest) -> None:
    """Work at what others accept, until told to stop; on a port it is seen. Raises as `serve` does."""
    async with _assembled(served) as parts, parts.at_work(served.stop_seconds) as running:
        if served.port is not None:
            await _listen(create_app(None, parts.seen(running)), served, running)
            return
        stop = asyncio.Event()
        await running.until(stop.set, stop.wait())


@dataclass(frozen=True, slots=True)
class RunningService:
    """The tasks of a service, the engine's first, and what ends them."""

    tasks: list[asyncio.Task[None]]
    ending: Shutdown

    def is_working(self) -> bool:
        """Whether the engine runs, and goes on running."""
        return not self.tasks[0].done() and not self.ending.is_told

    async def until(self, stop: Callable[[], object], done: Coroutine[Any, Any, object]) -> None:
        """Wait for `done`, which `stop` brings about when the process is told to end.

        Raise ErpmapError when one of the tasks ends before: without it nothing goes on as it should.
        """
        self.ending.tell += [stop, *(task.cancel for task in self.tasks)]
        self.ending.listen()
        serving = asyncio.create_task(done)
        await asyncio.wait((serving, *self.tasks), return_when=asyncio.FIRST_COMPLETED)
        failed = next((task for task in self.tasks if task.done()), None)
        if failed is None or self.ending.is_told:
            await serving
            return
        _log.error("a part of the service has ended", exc_info=_error_of(failed))
        self.ending.told()
        await serving
        raise ErpmapError("a part of the service has failed; its log says where")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a service is made of."""

    journal: Writer
    tenants: Tenants
    engine: Engine
    tending: TenantReload
    acceptance: Acceptance
    hearing: Waiters
    measures: Metrics
    watchers: Observers
    casting: ShadowFolder | None

    def doors(self) -> EventEndpoint:
        """What the application needs of it."""
        accept, told = self.acceptance.accept, self.watchers.answered
        return EventEndpoint(lambda: self.tenants.keys, accept, observe=told)

    def seen(self, running: RunningService) -> StatusPages:
        """What the application shows of it."""
        page = MetricsPage(self.measures, self.journal, self.tenants)
        return StatusPages(
            create_readiness(self.journal, running.is_working, self.tenants).ready, page.text
        )

    @asynccontextmanager
    async def at_work(self, stop_seconds: float) -> AsyncIterator[RunningService]:
        """Tenants opened and the engine at work; in the end what is under way is brought to its end."""
        await self.tending.look()
        if self.casting is not None:
            await self.casting.look()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.tending.changed.set)
        tasks = [asyncio.create_task(self.engine.run()), asyncio.create_task(self.tending.run())]
        if self.casting is not None:
            shadow = (self.casting.run(), self.casting.following.run())
            tasks += [asyncio.create_task(one) for one in shadow]
        running = RunningService(tasks, Shutdown(stop_seconds, [self.hearing.leave]))
        try:
            yield running
        finally:
            for task in tasks:
                await running.ending.ended(task)
            if self.casting is not None:
                await self.casting.following.close()
            await self.tending.close()


@asynccontextmanager
async def _assembled(served: ServiceRequest) -> AsyncIterator[_Parts]:
    with lock_journal(served.journal), open_journal(served.journal) as journal:
        tenants, hearing, health, measures = Tenants(), Waiters(journal), AccountHealth(), Metrics()
        journal.observe = measures.commits.observe
        watchers, now = Observers((measures, *served.watchers)), SlewedClock(served.wall).now
        following = ShadowFollower(journal, now, measures.shadowed, served.shadow_asks)

        def told(one: FinishedAttempt) -> None:
            health.told(one)
            hearing.told(one)
            watchers.ended(one)
            following.told(one)

        worker = Worker(journal, _holder(), now, told, watchers.begun)
        engine = await open_engine(served.journal, worker, tenants, served.lease, served.sqs)
        governors = create_allowances(served.journal, journal, worker.holder, served.deadline)
        reach = TenantResources(served.wanted.root, served.opener, governors)
        settling = BacklogRouter(journal, engine, now)
        minding = TenantMonitors(served.wanted.root, journal, served.opener.is_simulated)
        tending = TenantReload(
            served.wanted, reach, tenants, worker, settling, minding, served.told
        )
        acceptance = Acceptance(
            journal,
            tenants,
            engine,
            hearing,
            health,
            now,
            arrived=following.arrived,
        )
        parts = (journal, tenants, engine, tending, acceptance, hearing, measures, watchers)
        try:
            yield _Parts(*parts, _casting(served, following))
        finally:
            await governors.close()


def _casting(served: ServiceRequest, following: ShadowFollower) -> ShadowFolder | None:
    if served.shadow is None:
        return None
    return ShadowFolder(served.shadow, served.wanted.only, following, served.shadow_told)


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


async def _listen(app: ASGIApp, served: ServiceRequest, running: RunningService) -> None:
    """Answer on the address until told to stop. Raise ErpmapError: it is taken."""
    try:
        listening = socket.create_server((served.host, served.port), backlog=1024)
    except OSError as error:
        words = f"{served.host}:{served.port} cannot be listened on: {error.strerror}"
        raise ErpmapError(words) from error
    # asyncio does it only for sockets that name their protocol, which these do not: an answer of two
    # writes would wait 40 ms for the sender's acknowledgement of the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = create_server(app, served.bounds, grace=served.stop_seconds)
    with listening:
        served.listening(f"http://{served.host}:{listening.getsockname()[1]}")
        await running.until(server.exit, server.serve(sockets=[listening]))


def _holder() -> str:
    """A name that no other process has, nor this one when it is started again."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
