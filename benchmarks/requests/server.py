"""The server of the benchmark, in a process of its own: recorded bytes, and its connections counted.

`python -m benchmarks.requests.server` prints its address and answers until it is told to stop.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from ..tables import ROOT
from . import answers

COUNT_PATH = "/connections"
_HOST = "127.0.0.1"
_JSON = (b"content-type", b"application/json")

Answer = tuple[int, tuple[bytes, bytes], bytes]


class Bare:
    """Answers each path with the same bytes; a GET of `/connections` tells, and forgets, how many.

    A connection is told by its port at the other end. Each new record has an id of its own: the client
    takes a second answer with the same one for an answer to another request.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._ids = count(int(answers.ID))
        self._answers: dict[tuple[str, str], Answer] = {
            ("POST", answers.QUERY_PATH): (200, _JSON, answers.order()),
            ("GET", answers.ACCOUNT_PATH): (200, _JSON, answers.account()),
            ("GET", answers.RECORD_PATH): (200, _JSON, answers.record()),
            ("POST", answers.SUITEQL_PATH): (200, _JSON, answers.rows()),
        }
        self._ports: set[int] = set()

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Read the request to its end, then answer."""
        assert scope["type"] == "http"
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        status, header, body = self._answer(scope["method"], scope["path"])
        if scope["path"] != COUNT_PATH:
            assert scope["client"] is not None
            self._ports.add(scope["client"][1])
        length = (b"content-length", str(len(body)).encode())
        headers = (header,) if status == 204 else (header, length)
        await send(
            {"type": "http.response.start", "status": status, "headers": headers, "trailers": False}
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _answer(self, method: str, path: str) -> Answer:
        if path.endswith(answers.TOKEN_PATH):
            return 200, _JSON, answers.TOKEN
        if path == COUNT_PATH:
            found, self._ports = len(self._ports), set()
            return 200, _JSON, str(found).encode()
        if (method, path) == ("POST", answers.RECORDS_PATH):
            place = f"{self._address}{answers.RECORDS_PATH}/{next(self._ids)}"
            return 204, (b"location", place.encode()), b""
        return self._answers[method, path]


@contextmanager
def serving() -> Iterator[str]:
    """The server while the block runs; the value is its address."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 # our own command
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> None:
    """Serve on a free port of loopback."""
    # The protocol is named, or asyncio does not switch Nagle's algorithm off: 40 ms an answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind((_HOST, 0))
    address = f"http://{_HOST}:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        Bare(address), lifespan="off", log_config=None, access_log=False, timeout_keep_alive=60
    )
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
