"""`erpmap serve` in a process of its own, as it would be started by anybody."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from ...findings.errors import ErpmapError

_START_SECONDS = 60.0
_COMMAND = "from cli import main; main()"


class Service:
    """Serves while the block runs; its log goes nowhere."""

    def __init__(self, root: Path, journal: str, simulator: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._address = f"http://127.0.0.1:{port}"
        self._key = secrets.token_urlsafe(16)
        command = ["--mappings", str(root), "serve", "dodici", "--journal", journal]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [
                sys.executable,
                "-c",
                _COMMAND,
                *command,
                "--port",
                str(port),
                "--simulator",
                simulator,
            ],
            env={**os.environ, "DODICI_EVENT_KEY": self._key},
            stderr=subprocess.DEVNULL,
        )
        self._client = httpx.Client(base_url=self._address, timeout=60.0, trust_env=False)

    def __enter__(self) -> Self:
        """Wait until it answers. Raise ErpmapError when it does not start."""
        end = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise ErpmapError("the service does not start; `erpmap serve` says why")
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it as an operator would, and wait for its end."""
        self._client.close()
        self._process.terminate()
        self._process.wait()

    def send(self, tenant: str, event: bytes) -> int:
        """Send an event as NewStore does; the status of the answer."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        return self._client.post(f"/events/{tenant}", content=event, headers=headers).status_code

    def _is_ready(self) -> bool:
        try:
            return self._client.get("/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
