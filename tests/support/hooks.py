"""A webhook that is told of trouble, and a time that passes when nobody is doing anything."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.simulator.serve import serve_in_thread
from engine.wire.notices import WallClock

START = datetime(2026, 12, 3, 12, tzinfo=UTC)


@dataclass
class Hooked:
    """What came, and the statuses to answer with; then 200."""

    url: str = ""
    answers: deque[int] = field(default_factory=deque)
    came: list[Any] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.came.append(await request.json())
        return Response(status_code=self.answers.popleft() if self.answers else 200)


@contextmanager
def hooked() -> Iterator[Hooked]:
    hook = Hooked()
    app = Starlette(routes=[Route("/hook", hook.__call__, methods=["POST"])])
    with serve_in_thread(app) as address:
        hook.url = f"{address}/hook"
        yield hook


@dataclass
class Time:
    """A time of its own: it goes on only by steps, to the next moment somebody sleeps until."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)
    steps: int = 0
    _sleepers: list[tuple[datetime, asyncio.Future[None]]] = field(default_factory=list)

    def passing(self) -> WallClock:
        return WallClock(lambda: self.now, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + timedelta(seconds=seconds), future))
        await future

    async def step(self, steps: int = 1) -> None:
        """When somebody sleeps, wake who is to wake first; and again."""
        for _ in range(steps):
            await until(self._asleep)
            moment, future = min(self._asleep(), key=lambda one: one[0])
            self.now = max(self.now, moment)
            future.set_result(None)
            self.steps += 1

    def _asleep(self) -> list[tuple[datetime, asyncio.Future[None]]]:
        return [one for one in self._sleepers if not one[1].done()]


async def until(holds: Callable[[], object]) -> None:
    """Wait until something is so; whatever waits here for ever fails."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.001)


def beside(work: Awaitable[None], script: Callable[[], Awaitable[None]]) -> None:
    """Run a script while something works that never ends; then it is cancelled."""

    async def run() -> None:
        task = asyncio.ensure_future(work)
        try:
            await script()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(run())
