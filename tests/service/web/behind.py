"""The doors started for tests, and spoken to byte by byte."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conftest import ROOT
from processes import Process, start

from web.doors import KEY

EVENT = {
    "tenant": "shop",
    "name": "order.created",
    "published_at": "2026-12-01T10:00:00Z",
    "payload": {"id": "o1"},
}
_PATIENCE = 60.0


@dataclass(frozen=True)
class Behind:
    """Doors that are open, and the process behind them."""

    process: Process
    port: int
    stored: Path
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)

    def said(self, *parts: bytes, is_over: bool = False) -> bytes:
        """All that is answered to these bytes until the connection is closed; b"" for nothing."""
        with self.connect() as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                if is_over:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it was closed in the middle; an answer may be there all the same
            return rest_of(connection)

    def status(self, *parts: bytes, is_over: bool = False) -> int | None:
        """The status of the first answer; None for a connection that is closed without one."""
        return status_in(self.said(*parts, is_over=is_over))

    def count(self) -> int:
        """How many events were stored."""
        return len(self.stored.read_text().splitlines()) if self.stored.exists() else 0

    def memory(self, what: str = "VmHWM") -> int:
        """Megabytes of memory, at most so far (`VmHWM`) or now (`VmRSS`)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(what))
        return int(line.split()[1]) // 1024


def rest_of(connection: socket.socket) -> bytes:
    """What comes until the connection ends, however it does."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def status_in(answer: bytes) -> int | None:
    return int(answer.split(b" ", 2)[1]) if answer else None


def request(
    body: bytes | None = None,
    headers: Mapping[str, str | None] | None = None,
    *,
    line: str = "POST /events/shop HTTP/1.1",
) -> bytes:
    """A request as it is sent; a header of None is left out."""
    body = json.dumps(EVENT).encode() if body is None else body
    all_: dict[str, str | None] = {
        "Host": "shop",
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(headers or {}),
    }
    lines = [line, *(f"{name}: {value}" for name, value in all_.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def opened(
    folder: Path, *, seconds: float, connections: int = 200, requests: int = 800
) -> Iterator[Behind]:
    """Doors where heads and bodies have so many seconds, with so many connections and requests."""
    stored, log = folder / "stored", folder / "log"
    read, written = os.pipe()
    with log.open("w") as stderr, os.fdopen(read) as stdout:
        process = start(
            stored,
            *map(str, (seconds, connections, requests)),
            script=Path(__file__).with_name("doors.py"),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            streams=(0, written, stderr),
        )
        os.close(written)
        try:
            yield Behind(process, int(stdout.readline()), stored, log)
        finally:
            process.kill()
            process.wait()
