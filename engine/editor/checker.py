"""Checks tenants in a worker thread, a moment after the last key, and hands over only what is still of use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from .guard import guard
from .mappings import OpenMappings, TenantView

# A hand that types goes on within this time, in seconds; a check then would be of no use.
PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class CheckJob:
    """A tenant of a mappings folder that has to be checked."""

    mappings: OpenMappings
    tenant: str

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from other jobs."""
        return id(self.mappings), self.tenant


@dataclass(slots=True)
class Checker:
    """The jobs that wait, in order, and the one that runs; all but the check itself happens in the event loop.

    `deliver` receives each view, and whether nothing has changed since its check began.
    """

    deliver: Callable[[CheckJob, TenantView, bool], None]
    _waiting: dict[tuple[int, str], CheckJob] = field(default_factory=dict)
    _is_running: bool = False
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _timer: asyncio.TimerHandle | None = None
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="check")
    )

    @property
    def is_idle(self) -> bool:
        """Whether no check waits or runs."""
        return not self._waiting and not self._is_running

    async def wait(self) -> None:
        """Return when no check waits or runs."""
        if not self.is_idle:
            await self._idle.wait()

    def request(self, jobs: Iterable[CheckJob]) -> None:
        """Check tenants when no key has been pressed for a moment."""
        for job in jobs:
            self._waiting.setdefault(job.key, job)
            self._idle.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._start)

    def stop(self) -> None:
        """Begin no further check."""
        self._waiting.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        if self._is_running or not self._waiting:
            return
        job = self._waiting.pop(next(iter(self._waiting)))
        self._is_running = True
        loop = asyncio.get_running_loop()
        future = self._pool.submit(
            guard(job.mappings.check, f"the check of {job.tenant}"), job.tenant
        )

        def done(finished: Future[TenantView | None]) -> None:
            if not finished.cancelled() and not loop.is_closed():
                loop.call_soon_threadsafe(self._finish, job, finished.result())

        future.add_done_callback(done)

    def _finish(self, job: CheckJob, view: TenantView | None) -> None:
        self._is_running = False
        if view is not None:
            self.deliver(job, view, job.key not in self._waiting)
        if self._waiting:
            self._start()
        else:
            self._idle.set()
