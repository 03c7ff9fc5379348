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
from typing import Any

from starlette.types import ASGIApp

from ..findings.errors import ErpmapError
from ..journal.database import open_journal
from ..journal.writer import Writer
from ..processes import ProcessPool
from .dispatch.account_health import AccountHealth
from .dispatch.backlog import BacklogRouter
from .dispatch.clock import SlewedClock
from .dispatch.engine import Engine
from .dispatch.fair_evaluator import FairEvaluator
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
    `wall` is the machine's clock, in nanoseconds since 1970.
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
class _Parts:
    """The parts of a service."""

    journal: Writer
    tenants: Tenants
    engine: Engine
    reload: TenantReload
    acceptance: Acceptance
    waiters: Waiters
    metrics: Metrics
    observers: Observers
    shadow_folder: ShadowFolder | None

    def event_endpoint(self, connections: int) -> EventEndpoint:
        """Return the endpoint that receives events; it admits fewer requests than connections."""
        accept, observe = self.acceptance.accept, self.observers.record_answer
        limits = fit_requests(RequestLimits(), connections)
        return EventEndpoint(lambda: self.tenants.keys, accept, limits=limits, observe=observe)

    def status_pages(self, running: RunningService) -> StatusPages:
        """Return the pages that show the state of the service."""
        page = MetricsPage(self.metrics, self.journal, self.tenants)
        readiness = create_readiness(
            self.journal, running.is_working, self.tenants, lambda: self.reload.is_loading
        )
        return StatusPages(readiness.ready, page.text)

    @asynccontextmanager
    async def run(self, stop_seconds: float) -> AsyncIterator[RunningService]:
        """Run all tasks during the block, which open the tenants; then wait for the attempts under way."""
        try:
            self.reload.list_tenants()
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload.requested.set)
        except BaseException:
            await self.reload.close()
            raise
        tasks = [asyncio.create_task(self.engine.run()), asyncio.create_task(self.reload.run())]
        if self.shadow_folder is not None:
            shadow = (self.shadow_folder.run(), self.shadow_folder.follower.run())
            tasks += [asyncio.create_task(part) for part in shadow]
        running = RunningService(tasks, Shutdown(stop_seconds, [self.waiters.release]))
        try:
            yield running
        finally:
            for task in tasks:
                await running.shutdown.finish_task(task)
            if self.shadow_folder is not None:
                await self.shadow_folder.follower.close()
            await self.reload.close()


@asynccontextmanager
async def _assemble(request: ServiceRequest) -> AsyncIterator[_Parts]:
    with lock_journal(request.journal), open_journal(request.journal) as journal:
        tenants, waiters, health, metrics = Tenants(), Waiters(journal), AccountHealth(), Metrics()
        journal.observe = metrics.commits.observe
        observers, now = Observers((metrics, *request.observers)), SlewedClock(request.wall).now
        follower = ShadowFollower(
            journal=journal, now=now, count=metrics.count_shadow, fetches=request.shadow_fetches
        )
        finish = _call_each(
            health.record_attempt, waiters.notify, observers.record_end, follower.offer_attempt
        )
        worker = Worker(
            journal, _make_holder(), now, on_finish=finish, on_begin=observers.record_claim
        )
        engine = await open_engine(request.journal, worker, tenants, request.lease, request.sqs)
        async with _open_resources(request, worker) as resources:
            yield _Parts(
                journal=journal,
                tenants=tenants,
                engine=engine,
                reload=_create_reload(request, resources, tenants, worker, engine, metrics),
                acceptance=Acceptance(
                    journal=journal,
                    tenants=tenants,
                    engine=engine,
                    waiters=waiters,
                    health=health,
                    now=now,
                    on_event=follower.offer_event,
                ),
                waiters=waiters,
                metrics=metrics,
                observers=observers,
                shadow_folder=_open_shadow_folder(request, follower, resources.processes),
            )


@asynccontextmanager
async def _open_resources(
    request: ServiceRequest, worker: Worker
) -> AsyncIterator[TenantResources]:
    """Return what the tenants share; it is closed when the block ends."""
    governors = create_allowances(
        request.journal, worker.journal, worker.holder, request.opener.deadline
    )
    processes = ProcessPool(request.processes)
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
    worker: Worker,
    engine: Engine,
    metrics: Metrics,
) -> TenantReload:
    root = request.selection.root
    return TenantReload(
        UnitParts(
            selection=request.selection,
            resources=resources,
            tenants=tenants,
            worker=worker,
            backlog_router=BacklogRouter(worker.journal, engine, worker.now),
            monitors=TenantMonitors(root, worker.journal, request.opener.is_simulated),
            report=request.report_tenant,
            count_failure=metrics.count_tenant_failure,
        )
    )


def _call_each(
    *callbacks: Callable[[FinishedAttempt], None],
) -> Callable[[FinishedAttempt], None]:
    def call(attempt: FinishedAttempt) -> None:
        for callback in callbacks:
            callback(attempt)

    return call


def _open_shadow_folder(
    request: ServiceRequest, follower: ShadowFollower, processes: ProcessPool
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
