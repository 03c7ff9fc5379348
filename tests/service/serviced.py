"""The service in a process of its own, started and killed by tests; spoken to over HTTP."""

from __future__ import annotations

import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from conftest import ROOT

from engine.documents import write_json_bytes

KEY = "event-key-of-a-test"
_SCRIPT = Path(__file__).with_name("process.py")
_SECONDS = 60.0
_PAUSE = 0.02


class Service:
    """`with Service(journal, simulator) as service`: it answers, and is killed at the end."""

    def __init__(self, journal: Path, simulator: str, tenant: str = "dodici") -> None:
        self.journal = journal
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        url = f"sqlite:///{journal}"
        arguments = (str(ROOT / "mappings"), url, simulator, str(self.port), tenant, KEY)
        self.process = subprocess.Popen(
            [sys.executable, str(_SCRIPT), *arguments], env={**os.environ, "PYTHONPATH": str(ROOT)}
        )

    def __enter__(self) -> Self:
        _until(self._answers, "the service does not answer")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()

    def drained(self) -> None:
        """Wait until no delivery is on its way."""
        _until(lambda: not self._open_ones(), "deliveries are still on their way")

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the service has ended"
        return self.request("GET", "/healthz") == 200

    def request(self, method: str, path: str, body: bytes | None = None) -> int | None:
        """The status of the answer; None when there was none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _open_ones(self) -> int:
        open_ones = "SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'running', 'held')"
        with sqlite3.connect(self.journal, timeout=10) as connection:
            count: int = connection.execute(open_ones).fetchone()[0]
        return count


def send(service: Service, event: object, tenant: str = "dodici") -> bool:
    """Whether the event was acknowledged; where it was not, the sender sends it again later."""
    status = service.request("POST", f"/events/{tenant}", write_json_bytes(event))
    assert status in (None, 200)
    return status == 200


def _until(holds: object, otherwise: str) -> None:
    assert callable(holds)
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(_PAUSE)
