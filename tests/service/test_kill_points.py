"""kill -9 at every request that a delivery makes: before it arrives, and before its answer leaves."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from conftest import ROOT
from orders import Sample
from process import KEY
from shopping import orders
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.documents import write_json_bytes
from engine.load import open_folder
from engine.simulator.serving import serving
from engine.simulator.tenants import play_tenant
from engine.simulator.world import world_app

MAPPINGS = ROOT / "mappings"
ORDERS = 2


class Deadly:
    """A simulator that kills who asks, at the so-manieth request: before it is heard, or after."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.at = 0
        self.heard = True
        self.victim: subprocess.Popen[bytes] | None = None
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].endswith("/connection"):
            return await self.app(scope, receive, send)
        self.count += 1
        if self.count != self.at:
            return await self.app(scope, receive, send)
        if self.heard:
            async def nobody(_message: Any) -> None: ...

            await self.app(scope, receive, nobody)
        assert self.victim is not None
        os.kill(self.victim.pid, signal.SIGKILL)
        return None


@contextmanager
def service(journal: Path, simulator: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    script = Path(__file__).with_name("process.py")
    command = [sys.executable, str(script), str(MAPPINGS), f"sqlite:///{journal}", simulator, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def post(port: int, sample: Sample) -> bool:
    """Whether the event was acknowledged; the sender sends it again where it was not."""
    try:
        response = httpx.post(
            f"http://127.0.0.1:{port}/events/dodici",
            content=write_json_bytes(sample.event),
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
    except httpx.TransportError:
        return False
    assert response.status_code == 200
    return True


def states(journal: Path) -> list[tuple[str, str | None, str | None]]:
    with sqlite3.connect(journal, timeout=5) as connection:
        return connection.execute("select state, reason, words from deliveries").fetchall()


def wait_for(journal: Path, process: subprocess.Popen[bytes]) -> list[Any]:
    for _ in range(400):
        found = states(journal)
        if process.poll() is not None or all(s[0] in ("delivered", "parked") for s in found):
            return found
        time.sleep(0.05)
    return states(journal)


def test_killed_at_every_request(tmp_path: Path) -> None:
    bought = list(orders(ORDERS))
    samples = [sample for _, sample in bought]
    at, heard, total = 0, True, None
    while total is None or at < total:
        at = at + 1 if heard else at
        heard = not heard
        played = play_tenant(open_folder(MAPPINGS), "dodici")
        for sample in samples:
            played.shop.add(sample.event, sample.order, sample.account)
        deadly = Deadly(world_app([played]))
        deadly.heard, deadly.at = heard, at if total is not None else 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        journal = tmp_path / f"{deadly.at}-{heard}.db"
        with serving(deadly) as simulator:
            with service(journal, simulator, port) as process:
                deadly.victim = process
                left = [sample for sample in samples if not post(port, sample)]
                wait_for(journal, process)
            with service(journal, simulator, port) as process:
                assert all(post(port, sample) for sample in left)
                found = wait_for(journal, process)
        assert [state for state, _, _ in found] == ["delivered"] * ORDERS, (at, heard, found)
        ledger = played.netsuite.state.ledger
        assert len(ledger.transactions()) == ORDERS
        assert set(ledger.created.values()) == {1}
        if total is None:
            total, at, heard = deadly.count, 0, True
            print("requests", total)
        print(at, heard, deadly.count)
