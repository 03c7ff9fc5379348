"""The service: assembled from a request, run, and shut down."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from starlette.types import ASGIApp

from ..findings.errors import ErpmapError
from ..journal.counts import count_running
from ..journal.database import is_shared, open_journal
from ..journal.writer import Writer
from .dispatch.account_health import AccountHealth
from .dispatch.backlog import BacklogRouter
from .dispatch.clock import SlewedClock
from .dispatch.engine import Engine
from .dispatch.governor import Allowances
from .dispatch.open_engine import (
    LEASE_SECONDS,
    AllowanceSource,
    create_allowances,
    open_engine,
)
from .dispatch.tenants import Tenants, TenantTrouble
from .dispatch.waiters import Waiters
from .dispatch.worker import Worker
from .loops import Loops
from .monitoring.due_watch import DUE_SECONDS, DueWatch
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
Reported = TypeVar("Reported")


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """The tenants to serve, the systems and the address, with all settings of the service.

    `journal` is the address of the journal. `port` 0 means any free port, None no port at all.
    `report_tenant` is called when a tenant changes, with its trouble if any; `report_shadow` is the
    same for its shadow, and `report_address` is called once the service listens. `observers` record
    every answer and attempt. `stop_seconds` is the time that a shutdown may take. `lease` is the
    seconds after which a process without a heartbeat counts as gone. `shadow` is a folder of mappings that run beside the live ones and post
    nothing; with `shadow_fetches` they fetch what the live ones did not. `sqs` is the URL of a queue
    between the processes. `due_seconds` is the time after which due work that nothing takes up makes the
    service unready. `wall` is the machine's clock, in nanoseconds since 1970.
    """

    selection: TenantSelection
    opener: SystemsOpener
    journal: str
    host: str
    port: int | None
    report_tenant: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    report_address: Callable[[str], None] = field(default=lambda _address: None)
    observers: tuple[Observer, ...] = ()
    stop_seconds: float = 30.0
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    lease: float = LEASE_SECONDS
    shadow: Path | None = None
    shadow_fetches: bool = False
    report_shadow: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    sqs: str | None = None
    wall: Callable[[], int] = time.time_ns
    due_seconds: float = DUE_SECONDS


async def serve(request: ServiceRequest) -> None:
    """Receive events and deliver them until a signal requests the end.

    Raise JournalError or QueueError when the journal or the queue is not available.
    """
    async with _assemble(request) as parts, parts.run(request.stop_seconds) as running:
        app = create_app(parts.event_endpoint(), parts.status_pages(running))
        await _listen(app, request, running)


async def work(request: ServiceRequest) -> None:
    """Deliver the events that other processes accept, until a signal requests the end.

    With a port it serves the status pages. Raise as `serve` does.
    """
    async with _assemble(request) as parts, parts.run(request.stop_seconds) as running:
        if request.port is not None:
            await _listen(create_app(None, parts.status_pages(running)), request, running)
            return
        stop = asyncio.Event()
        await running.wait_until(stop.set, stop.wait())


@dataclass(frozen=True, slots=True)
class RunningService:
    """The tasks of a service, the engine's first, and their shutdown."""

    tasks: list[asyncio.Task[None]]
    shutdown: Shutdown

    def is_working(self) -> bool:
        """Whether the engine runs, and no shutdown is requested."""
        return not self.tasks[0].done() and not self.shutdown.is_requested

    async def wait_until(
        self, stop: Callable[[], object], done: Coroutine[Any, Any, object]
    ) -> None:
        """Wait for `done`; a shutdown calls `stop`, which completes it.

        Raise ErpmapError when a task ends before: the service does not work without it.
        """
        self.shutdown.callbacks += [stop, *(task.cancel for task in self.tasks)]
        self.shutdown.handle_signals()
        serving = asyncio.create_task(done)
        await asyncio.wait((serving, *self.tasks), return_when=asyncio.FIRST_COMPLETED)
        failed = next((task for task in self.tasks if task.done()), None)
        if failed is None or self.shutdown.is_requested:
            await serving
            return
        _log.error("a part of the service has ended", exc_info=_get_error(failed))
        self.shutdown.request()
        await serving
        raise ErpmapError("a part of the service has failed; its log says where")


@dataclass(frozen=True, slots=True)
class _Watched:
    """The worker of a process, and what records its attempts."""

    worker: Worker
    metrics: Metrics
    observers: Observers
    waiters: Waiters
    health: AccountHealth
    follower: ShadowFollower
    due_watch: DueWatch


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a service."""

    watched: _Watched
    tenants: Tenants
    engine: Engine
    reload: TenantReload
    acceptance: Acceptance
    shadow_folder: ShadowFolder | None

    def event_endpoint(self) -> EventEndpoint:
        """Return the endpoint that receives events."""
        accept, observe = self.acceptance.accept, self.watched.observers.record_answer
        return EventEndpoint(lambda: self.tenants.keys, accept, observe=observe)

    def status_pages(self, running: RunningService) -> StatusPages:
        """Return the pages that show the state of the service."""
        worker, tenants = self.watched.worker, self.tenants
        journal, loops = worker.journal, worker.loops
        page = MetricsPage(
            metrics=self.watched.metrics, journal=journal, tenants=tenants, loops=loops
        )
        readiness = create_readiness(journal, running.is_working, tenants, loops)
        return StatusPages(readiness.ready, page.text)

    @asynccontextmanager
    async def run(self, stop_seconds: float) -> AsyncIterator[RunningService]:
        """Open the tenants and run all tasks during the block; then wait for the attempts under way."""
        try:
            await self.reload.check_files()
            if self.shadow_folder is not None:
                await self.shadow_folder.check_files()
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload.requested.set)
        except BaseException:
            await self.reload.close()
            raise
        parts = (
            self.engine.run(),
            self.reload.run(),
            self.watched.due_watch.run(self.engine.free_slots),
        )
        tasks = [asyncio.create_task(part) for part in parts]
        if self.shadow_folder is not None:
            shadow = (self.shadow_folder.run(), self.shadow_folder.follower.run())
            tasks += [asyncio.create_task(part) for part in shadow]
        running = RunningService(tasks, Shutdown(stop_seconds, [self.watched.waiters.release]))
        try:
            yield running
        finally:
            for task in tasks:
                await running.shutdown.finish_task(task)
            if self.shadow_folder is not None:
                await self.shadow_folder.follower.close()
            await self.reload.close()


def _create_watched(request: ServiceRequest, journal: Writer) -> _Watched:
    metrics, health, now = Metrics(), AccountHealth(), SlewedClock(request.wall).now
    journal.observe = metrics.commits.observe
    loops, observers = Loops(metrics.count_failure), Observers((metrics, *request.observers))
    waiters = Waiters(journal, loops.loop("outcomes", is_vital=False))
    follower = ShadowFollower(
        journal=journal,
        now=now,
        count=metrics.count_shadow,
        fetches=request.shadow_fetches,
        loop=loops.loop("shadow", is_vital=False),
    )
    due_watch = DueWatch(journal=journal, now=now, loops=loops, seconds=request.due_seconds)
    worker = Worker(
        journal=journal,
        holder=_make_holder(),
        now=now,
        on_finish=_call_each(
            health.record_attempt, waiters.notify, observers.record_end, follower.offer_attempt
        ),
        on_begin=_call_each(observers.record_claim, due_watch.record_claim),
        loops=loops,
    )
    return _Watched(
        worker=worker,
        metrics=metrics,
        observers=observers,
        waiters=waiters,
        health=health,
        follower=follower,
        due_watch=due_watch,
    )


@asynccontextmanager
async def _assemble(request: ServiceRequest) -> AsyncIterator[_Parts]:
    with lock_journal(request.journal), open_journal(request.journal) as journal:
        tenants, watched = Tenants(), _create_watched(request, journal)
        worker, follower = watched.worker, watched.follower
        engine = await open_engine(request.journal, worker, tenants, request.lease, request.sqs)
        governors = await _create_allowances(request, worker)
        try:
            yield _Parts(
                watched=watched,
                tenants=tenants,
                engine=engine,
                reload=_create_reload(request, governors, tenants, worker, engine),
                acceptance=Acceptance(
                    journal=journal,
                    tenants=tenants,
                    engine=engine,
                    waiters=watched.waiters,
                    health=watched.health,
                    now=worker.now,
                    on_event=follower.offer_event,
                ),
                shadow_folder=_open_shadow_folder(request, follower),
            )
        finally:
            await governors.close()


async def _create_allowances(request: ServiceRequest, worker: Worker) -> Allowances:
    """Return the governors. What an earlier process left open in a journal of its own is counted."""
    left: Mapping[str, int] = {}
    if not is_shared(request.journal):
        with worker.loops.loop("recovery").round():
            left = await worker.journal.run(count_running)
    source = AllowanceSource(
        journal=worker.journal,
        holder=worker.holder,
        deadline=request.opener.deadline,
        left=left,
        loops=worker.loops,
    )
    return create_allowances(request.journal, source)


def _call_each(*callbacks: Callable[[Reported], None]) -> Callable[[Reported], None]:
    def call(reported: Reported) -> None:
        for callback in callbacks:
            callback(reported)

    return call


def _create_reload(
    request: ServiceRequest,
    governors: Allowances,
    tenants: Tenants,
    worker: Worker,
    engine: Engine,
) -> TenantReload:
    root = request.selection.root
    return TenantReload(
        selection=request.selection,
        resources=TenantResources(root, request.opener, governors),
        tenants=tenants,
        worker=worker,
        backlog_router=BacklogRouter(
            journal=worker.journal,
            engine=engine,
            now=worker.now,
            loop=worker.loops.loop("backlog"),
        ),
        monitors=TenantMonitors(
            root=root,
            journal=worker.journal,
            is_simulated=request.opener.is_simulated,
            loop=worker.loops.loop("monitors", is_vital=False),
        ),
        report=request.report_tenant,
    )


def _open_shadow_folder(request: ServiceRequest, follower: ShadowFollower) -> ShadowFolder | None:
    if request.shadow is None:
        return None
    return ShadowFolder(
        root=request.shadow,
        only=request.selection.only,
        follower=follower,
        report=request.report_shadow,
    )


def _get_error(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


async def _listen(app: ASGIApp, request: ServiceRequest, running: RunningService) -> None:
    """Serve the application until a shutdown. Raise ErpmapError when the address is not available."""
    address = f"{request.host}:{request.port}"
    try:
        listener = socket.create_server((request.host, request.port), backlog=1024)
    except OSError as error:
        raise ErpmapError(f"{address} cannot be listened on: {error.strerror}") from error
    # asyncio sets this only for sockets that name their protocol, which these do not: an answer of
    # two writes would wait 40 ms for the sender's acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = create_server(app, request.limits, grace=request.stop_seconds)
    with listener:
        request.report_address(f"http://{request.host}:{listener.getsockname()[1]}")
        await running.wait_until(server.exit, server.serve(sockets=[listener]))


def _make_holder() -> str:
    """Return a name of this process that differs from all others, also after a restart."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
