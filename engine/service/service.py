"""The service: assembled from a request, run, and shut down."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from starlette.types import ASGIApp

from ..findings.errors import ErpmapError
from ..journal.counts import count_running
from ..journal.database import is_shared, open_journal
from ..journal.writer import Writer
from ..processes import Work, open_work
from .dispatch.account_health import AccountHealth
from .dispatch.backlog import BacklogRouter
from .dispatch.clock import SlewedClock
from .dispatch.engine import Engine
from .dispatch.fair_evaluator import FairEvaluator
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
from .reload.reload import TenantReload
from .reload.systems_opener import SystemsOpener
from .reload.tenant_selection import TenantSelection
from .reload.tenant_unit import UnitParts
from .shadow import ShadowFollower
from .shadow.shadow_folder import ShadowFolder
from .shutdown import Shutdown
from .web.acknowledge import Acceptance
from .web.app import EventEndpoint, StatusPages, create_admin_app, create_app
from .web.connections import ConnectionLimits
from .web.listen import ADMIN_LIMITS, ListenAddress, open_listener
from .web.receive import RequestLimits, fit_requests
from .web.server import HttpServer, create_server

_log = logging.getLogger(__name__)
Reported = TypeVar("Reported")


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """The tenants to serve, the systems and the address, with all settings of the service.

    `journal` is the address of the journal. Events are received at `host` and `port`; the administrative
    pages are at `admin_host` and `admin_port`. Port 0 means any free port, None no port at all.
    `report_tenant` is called when a tenant changes, with its trouble if any; `report_shadow` is the
    same for its shadow, and `report_address` is called for each address that the service listens on, with
    its purpose and the maximum of connections. `observers` record
    every answer and attempt. `stop_seconds` is the time that a shutdown may take. `lease` is the
    seconds after which a process without a heartbeat counts as gone. `shadow` is a folder of mappings that run beside the live ones and post
    nothing; with `shadow_fetches` they fetch what the live ones did not. `sqs` is the URL of a queue
    between the processes. `processes` is the number of processes that load tenants and run heavy orders.
    `due_seconds` is the time after which due work that nothing takes up makes the service unready. `wall` is
    the machine's clock, in nanoseconds since 1970.
    """

    selection: TenantSelection
    opener: SystemsOpener
    journal: str
    host: str
    port: int | None
    report_tenant: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    report_address: Callable[[ListenAddress, str], None] = lambda _address, _url: None
    observers: tuple[Observer, ...] = ()
    stop_seconds: float = 30.0
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    lease: float = LEASE_SECONDS
    shadow: Path | None = None
    shadow_fetches: bool = False
    report_shadow: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    sqs: str | None = None
    processes: int = 2
    wall: Callable[[], int] = time.time_ns
    admin_host: str = "127.0.0.1"
    admin_port: int | None = None
    due_seconds: float = DUE_SECONDS


async def serve(request: ServiceRequest) -> None:
    """Receive events and deliver them until a signal requests the end.

    Raise JournalError or QueueError when the journal or the queue is not available.
    """
    async with _assemble(request) as parts, parts.run(request.stop_seconds) as running:
        pages = parts.status_pages(running)
        app = create_app(parts.event_endpoint(request.limits.connections), pages)
        events = ListenAddress(
            "events", host=request.host, port=request.port or 0, limits=request.limits
        )
        await _listen({events: app, **_admin_app(request, pages)}, request, running)


async def work(request: ServiceRequest) -> None:
    """Deliver the events that other processes accept, until a signal requests the end.

    With an administrative port it serves the pages there. Raise as `serve` does.
    """
    async with _assemble(request) as parts, parts.run(request.stop_seconds) as running:
        await _listen(_admin_app(request, parts.status_pages(running)), request, running)


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

    def event_endpoint(self, connections: int) -> EventEndpoint:
        """Return the endpoint that receives events; it admits fewer requests than connections."""
        accept, observe = self.acceptance.accept, self.watched.observers.record_answer
        limits = fit_requests(RequestLimits(), connections)
        return EventEndpoint(lambda: self.tenants.keys, accept, limits=limits, observe=observe)

    def status_pages(self, running: RunningService) -> StatusPages:
        """Return the pages that show the state of the service."""
        worker, tenants = self.watched.worker, self.tenants
        journal, loops = worker.journal, worker.loops
        page = MetricsPage(
            metrics=self.watched.metrics, journal=journal, tenants=tenants, loops=loops
        )
        readiness = create_readiness(journal, running.is_working, tenants, loops, self._is_loading)
        return StatusPages(readiness.ready, page.text)

    def _is_loading(self) -> bool:
        """Whether a tenant or a shadow was not tried yet after the start, for half a minute at most."""
        is_shadow_new = self.shadow_folder is not None and self.shadow_folder.is_new
        return self.reload.is_loading or (is_shadow_new and self.reload.is_early)

    @asynccontextmanager
    async def run(self, stop_seconds: float) -> AsyncIterator[RunningService]:
        """Run all tasks during the block, which open the tenants; then wait for the attempts under way."""
        try:
            self.reload.list_tenants()
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
        async with _open_resources(request, worker) as resources:
            yield _Parts(
                watched=watched,
                tenants=tenants,
                engine=engine,
                reload=_create_reload(request, resources, tenants, engine, watched),
                acceptance=Acceptance(
                    journal=journal,
                    tenants=tenants,
                    engine=engine,
                    waiters=watched.waiters,
                    health=watched.health,
                    now=worker.now,
                    on_event=follower.offer_event,
                ),
                shadow_folder=_open_shadow_folder(request, follower, resources.processes),
            )


@asynccontextmanager
async def _open_resources(
    request: ServiceRequest, worker: Worker
) -> AsyncIterator[TenantResources]:
    """Return what the tenants share; it is closed when the block ends."""
    governors = await _create_allowances(request, worker)
    processes = open_work(request.processes)
    try:
        yield TenantResources(
            root=request.selection.root,
            opener=request.opener,
            governors=governors,
            processes=processes,
            evaluator=FairEvaluator(processes),
        )
    finally:
        await processes.close()
        await governors.close()


def _create_reload(
    request: ServiceRequest,
    resources: TenantResources,
    tenants: Tenants,
    engine: Engine,
    watched: _Watched,
) -> TenantReload:
    worker = watched.worker
    loops = worker.loops
    return TenantReload(
        UnitParts(
            selection=request.selection,
            resources=resources,
            tenants=tenants,
            worker=worker,
            backlog_router=BacklogRouter(
                journal=worker.journal,
                engine=engine,
                now=worker.now,
                loop=loops.loop("backlog"),
            ),
            monitors=TenantMonitors(
                root=request.selection.root,
                journal=worker.journal,
                is_simulated=request.opener.is_simulated,
                loop=loops.loop("monitors", is_vital=False),
            ),
            report=request.report_tenant,
            count_failure=watched.metrics.count_tenant_failure,
        ),
        loop=loops.loop("reload"),
    )


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


def _open_shadow_folder(
    request: ServiceRequest, follower: ShadowFollower, processes: Work
) -> ShadowFolder | None:
    if request.shadow is None:
        return None
    return ShadowFolder(
        selection=TenantSelection(request.shadow, request.selection.only),
        follower=follower,
        processes=processes,
        report=request.report_shadow,
    )


def _get_error(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


def _admin_app(request: ServiceRequest, pages: StatusPages) -> dict[ListenAddress, ASGIApp]:
    """Return the application of the administrative pages by its address, if there is one."""
    if request.admin_port is None:
        return {}
    host, port = request.admin_host, request.admin_port
    address = ListenAddress("admin", host=host, port=port, limits=ADMIN_LIMITS)
    return {address: create_admin_app(pages)}


async def _listen(
    apps: Mapping[ListenAddress, ASGIApp], request: ServiceRequest, running: RunningService
) -> None:
    """Serve the applications, maybe none, until a shutdown.

    Raise ErpmapError when an address is not available.
    """
    stop = asyncio.Event()
    with ExitStack() as stack:
        servers: list[HttpServer] = []
        serving: list[Coroutine[Any, Any, object]] = [stop.wait()]
        for address, app in apps.items():
            listener = stack.enter_context(open_listener(address))
            server = create_server(app, address.limits, grace=request.stop_seconds)
            servers.append(server)
            serving.append(server.serve(sockets=[listener]))
            request.report_address(address, address.url(listener))

        def end() -> None:
            stop.set()
            for server in servers:
                server.exit()

        await running.wait_until(end, _wait_for_all(serving))


async def _wait_for_all(waited: Iterable[Coroutine[Any, Any, object]]) -> None:
    await asyncio.gather(*waited)


def _make_holder() -> str:
    """Return a name of this process that differs from all others, also after a restart."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
