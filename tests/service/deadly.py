"""Simulators that kill or freeze the process that makes a request."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any

from processes import Process
from starlette.types import ASGIApp, Receive, Scope, Send


class Deadly:
    """A simulator that kills its victim at a request: before it is carried out, or before its answer.

    With `frozen`, the victim is frozen for so many seconds instead.
    """

    def __init__(self, app: ASGIApp, at: int, *, heard: bool, frozen: float = 0.0) -> None:
        self.app, self.at, self.heard, self.frozen = app, at, heard, frozen
        self.victim: Process | None = None
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith("/connection"):
            self.count += 1
            if self.count == self.at and self.victim is not None:
                return await self._strike(self.victim, scope, receive)
        return await self.app(scope, receive, send)

    async def _strike(self, victim: Process, scope: Scope, receive: Receive) -> None:
        async def nobody(_message: Any) -> None:
            """The answer that never leaves."""

        if self.frozen:
            os.kill(victim.pid, signal.SIGSTOP)
        if self.heard:
            await self.app(scope, receive, nobody)
        if self.frozen:
            await asyncio.sleep(self.frozen)
        # A frozen process may have been killed meanwhile, by a test that failed.
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGCONT if self.frozen else signal.SIGKILL)
