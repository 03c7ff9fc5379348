"""Simulators that kill whoever asks them."""

from __future__ import annotations

import os
import signal
from typing import Any

from processes import Process
from starlette.types import ASGIApp, Receive, Scope, Send


class Deadly:
    """A simulator that kills who asks, at the so-manieth request: unheard, or heard and unanswered."""

    def __init__(self, app: ASGIApp, at: int, *, heard: bool) -> None:
        self.app, self.at, self.heard = app, at, heard
        self.victim: Process | None = None
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith("/connection"):
            self.count += 1
            if self.count == self.at and self.victim is not None:
                return await self._kill(scope, receive)
        return await self.app(scope, receive, send)

    async def _kill(self, scope: Scope, receive: Receive) -> None:
        async def nobody(_message: Any) -> None:
            """The answer that never leaves."""

        if self.heard:
            await self.app(scope, receive, nobody)
        assert self.victim is not None
        os.kill(self.victim.pid, signal.SIGKILL)
