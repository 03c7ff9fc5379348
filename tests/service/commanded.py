"""The service as its command, `erpmap serve`, and systems that hold requests back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conftest import ROOT
from journals import journal_at
from orders import Sample
from processes import start
from serviced import KEY, Service, free_ports
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.mapping.load import open_folder
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant

_PAUSE = 0.01


class Commanded(Service):
    """`erpmap serve` with more options and more in its environment."""

    def __init__(
        self,
        journal: Path,
        simulator: str,
        *options: str,
        mappings: Path = ROOT / "mappings",
        environ: Mapping[str, str] | None = None,
        tenants: tuple[str, ...] = ("dodici",),
        admin: bool = True,
    ) -> None:
        self.journal = journal_at(journal)
        self.port, self.admin = free_ports(2)
        command = ["--mappings", str(mappings), "serve", *tenants, "--port", str(self.port)]
        command += ["--admin-port", str(self.admin)] if admin else []
        command += ["--journal", self.journal.url, "--simulator", simulator, *options]
        self._log = self.journal.log.open("a")
        self.process = start(
            *command,
            env={**os.environ, "DODICI_EVENT_KEY": KEY, **(environ or {})},
            streams=(0, 1, self._log),
        )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of its log, each of them a JSON object."""
        return [json.loads(line) for line in self.log.splitlines()]

    def said(self, message: str) -> list[dict[str, Any]]:
        """The lines with a message."""
        return [line for line in self.lines if line["message"] == message]

    def stop(self) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Holding:
    """A simulator that holds back every request that makes a record, until it is released.

    Of one tenant alone, where `only` is a part of its paths.
    """

    def __init__(self, app: ASGIApp, only: str = "/") -> None:
        self.app, self.only = app, only
        self.reached, self.released = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        if is_post and "/record/" in scope["path"] and self.only in scope["path"]:
            self.reached.set()
            while not self.released.is_set():
                await asyncio.sleep(_PAUSE)
        await self.app(scope, receive, send)


def played_with(*samples: Sample, mappings: Path = ROOT / "mappings") -> SimulatedTenant:
    """dodici, with these orders in its shop."""
    played = load_simulated_tenant(open_folder(mappings), "dodici")
    for sample in samples:
        played.shop.add(sample.event, sample.order, sample.account)
    return played
