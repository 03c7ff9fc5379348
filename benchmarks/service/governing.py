"""How much of an account's allowance is in use while there is a backlog, and how much at most.

NetSuite is played in this process, answers after a second, and says how many requests are open.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import NETSUITE, build_simulator_app

from ..corpus import corpus
from ..ours import TENANT
from .delivering import put_orders
from .senders import requests_of, send_all
from .served import KEY, running

ALLOWANCE, LATENCY = 25, 1.0


@dataclass
class Open:
    """Requests to NetSuite that are open: now, at most, and their sum over time."""

    app: ASGIApp
    now: int = 0
    most: int = 0
    _sum: float = 0.0
    _since: float = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request to NetSuite while it is answered."""
        is_counted = "/netsuite/" in scope.get("path", "") and "token" not in scope["path"]
        self._change(int(is_counted))
        try:
            await self.app(scope, receive, send)
        finally:
            self._change(-int(is_counted))

    def request_seconds(self) -> float:
        """Seconds that requests were open so far, each by itself."""
        self._change(0)
        return self._sum

    def _change(self, by: int) -> None:
        at = time.perf_counter()
        self._sum += self.now * (at - self._since) if self._since else 0.0
        self._since = at
        self.now += by
        self.most = max(self.most, self.now)


@dataclass(frozen=True, slots=True)
class Account:
    """How many requests an account takes at once, the seconds of each, and the orders that wait."""

    allowance: int = ALLOWANCE
    latency: float = LATENCY
    orders: int = 300


def governed(
    folder: Path, mappings: Path, journal: str, ports: Sequence[int], account: Account
) -> tuple[float, int]:
    """The part of the allowance in use while orders wait, by a process on each port; the most at once."""
    allowance, count = account.allowance, account.orders
    wide = folder / f"wide-{ports[0]}"
    shutil.copytree(mappings, wide)
    settings = wide / TENANT / "simulator.yaml"
    settings.write_text(settings.read_text().replace("concurrency: 5", f"concurrency: {allowance}"))
    orders = corpus(count)
    played = load_simulated_tenant(open_folder(wide), TENANT)
    played.faults[NETSUITE].latency = account.latency
    counting = Open(build_simulator_app([played]))
    ledger = played.netsuite.state.ledger
    with serve_in_thread(counting) as address, ExitStack() as stack:
        put_orders(address, orders)
        requests = requests_of([texts.event for texts in orders], f"/events/{TENANT}", KEY)
        for port in ports:
            stack.enter_context(running(wide, journal, address, port))
        for at, port in enumerate(ports):
            asyncio.run(send_all(port, requests[at :: len(ports)], 8))
        _until(lambda: len(ledger.transactions()) >= allowance)
        begun, before = time.perf_counter(), counting.request_seconds()
        # Behind these no other delivery waits any more.
        _until(lambda: len(ledger.transactions()) >= count - 4 * allowance)
        seconds = time.perf_counter() - begun
        used = counting.request_seconds() - before
        _until(lambda: len(ledger.transactions()) >= count)
    return used / (seconds * allowance), counting.most


def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.05)
