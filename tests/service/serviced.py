"""The service in a process of its own, started and killed by tests; spoken to over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conftest import ROOT
from journals import Journal, journal_at
from processes import start

from engine.documents import write_json_bytes

TENANT, KEY = "dodici", "u4Jt0Qw-9mZc_2LkVb7RxE"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
_SECONDS = 60.0
_PAUSE = 0.02


class Service:
    """`with Service(journal, simulator) as service`: it answers, and is killed at the end.

    The journal is one of `journals.py`, or the path of one on SQLite.
    """

    script = Path(__file__).with_name("process.py")

    def __init__(
        self,
        journal: Path | Journal,
        simulator: str,
        mappings: Path = ROOT / "mappings",
        more: tuple[str, ...] = (),
    ) -> None:
        self.journal = journal_at(journal) if isinstance(journal, Path) else journal
        self.port, self.admin = free_ports(2)
        arguments = (str(mappings), self.journal.url, simulator, str(self.port), TENANT, KEY, *more)
        self._log = self.journal.log.open("a")
        self.process = start(
            *arguments,
            script=self.script,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SERVICE_ADMIN_PORT": str(self.admin)},
            streams=(0, 1, self._log),
        )

    @property
    def log(self) -> str:
        """What the service has written so far."""
        return Path(self._log.name).read_text()

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
        self._log.close()

    def drained(self, seconds: float = _SECONDS) -> None:
        """Wait until no delivery is on its way."""
        _until(lambda: not self._open_ones(), "deliveries are still on their way", seconds)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the service has ended"
        return self.request("GET", "/readyz") == 200  # its tenants are loaded

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = HEADERS,
    ) -> int | None:
        """The status of the answer; None when there was none."""
        return spoken_to(self.port, method, path, body, headers)

    def tenants(self) -> Any:
        """What `/readyz` says of each tenant."""
        return json.loads(self.get("/readyz")[1])["tenants"]

    def get(self, path: str, *, port: int | None = None) -> tuple[int, str]:
        """A page and its status; an administrative one, unless a port is given."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.admin, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _open_ones(self) -> int:
        open_ones = "SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'running', 'held')"
        count: int = self.journal.rows(open_ones)[0][0]
        return count


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    found = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in found]
    for one in found:
        one.close()
    return ports


def spoken_to(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] = HEADERS,
) -> int | None:
    """The status that a service on a port answers with; None when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def send(service: Service, event: object) -> bool:
    """Whether the event was acknowledged; where it was not, the sender sends it again later."""
    status = service.request("POST", f"/events/{TENANT}", write_json_bytes(event))
    assert status in (None, 200, 503)  # 503 while its tenants are loaded
    return status == 200


def _until(holds: Callable[[], bool], otherwise: str, seconds: float = _SECONDS) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(_PAUSE)
