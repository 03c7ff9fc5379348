"""The service in a process of its own, with what it uses: CPU seconds and resident memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

KEY = "u4Jt0Qw-9mZc_2LkVb7RxE"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers on `port`; `pid` is its process."""

    pid: int
    port: int

    @property
    def cpu(self) -> float:
        """CPU seconds used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def megabytes_of_all(self) -> float:
        """Resident memory of the process and of those that it has started, of 2²⁰ bytes."""
        return sum(_resident(each) for each in (self.pid, *_children(self.pid)))

    @property
    def megabytes(self) -> float:
        """Resident memory, of 2²⁰ bytes."""
        return _resident(self.pid)


def _resident(pid: int) -> float:
    """Resident memory of a process, 0 of one that has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * _PAGE / 2**20


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for children in found for child in children.read_text().split()]


@contextmanager
def running(
    mappings: Path, journal: str, simulator: str, port: int, *more: str
) -> Iterator[Running]:
    """`erpmap serve` of dodici and `more` tenants while the block runs, once it is ready."""
    program = str(Path(sys.executable).with_name("erpmap"))
    command = [program, "--mappings", str(mappings), "serve", "dodici", *more, "--journal", journal]
    command += ["--port", str(port), "--simulator", simulator]
    environ = {**os.environ, "DODICI_EVENT_KEY": KEY}
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:  # noqa: S603 # our own command
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz")
            yield Running(process.pid, port)
        finally:
            process.kill()


def free_port() -> int:
    """A port on loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def wait_for(url: str) -> None:
    """Until it is well there. Raise HTTPError when it is not after a minute."""
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            httpx.get(url).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
