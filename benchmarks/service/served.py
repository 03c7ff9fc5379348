"""The service in a process of its own, with what it uses: CPU seconds and resident memory."""

from __future__ import annotations

import os
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
    def megabytes(self) -> float:
        """Resident memory, of 2²⁰ bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * _PAGE / 2**20


@contextmanager
def running(mappings: Path, journal: str, simulator: str, port: int) -> Iterator[Running]:
    """`erpmap serve` while the block runs, once it is ready."""
    program = str(Path(sys.executable).with_name("erpmap"))
    command = [program, "--mappings", str(mappings), "serve", "dodici", "--journal", journal]
    command += ["--port", str(port), "--simulator", simulator]
    environ = {**os.environ, "DODICI_EVENT_KEY": KEY}
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:  # noqa: S603 # our own command
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield Running(process.pid, port)
        finally:
            process.kill()


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
