"""The service's doors alone, in a process of their own: `doors.py STORED SECONDS CONNECTIONS REQUESTS`.

What is accepted becomes a line of the file STORED; the port is the first line of stdout. The answer to
an event of the name WAITS never comes; one of the name MISTAKE finds a mistake.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from engine.service.monitoring.logs import open_log
from engine.service.web.app import Answer, EventEndpoint, HttpAnswer, StatusPages, create_app
from engine.service.web.connections import ConnectionLimits
from engine.service.web.receive import RequestLimits
from engine.service.web.server import create_server

KEY = "the-key-of-the-doors"
WAITS, MISTAKE = "order.waits", "order.mistaken"


async def answer() -> Answer:
    return 200, {"event": 1}


async def no_answer() -> Answer:
    await asyncio.Event().wait()
    raise AssertionError


async def serve(stored: Path, seconds: float, connections: int, requests: int) -> None:
    async def accept(tenant: str, event: Mapping[str, object]) -> Callable[[], Awaitable[Answer]]:
        if event["name"] == MISTAKE:
            raise LookupError(str(event["payload"]))
        with stored.open("a") as file:
            file.write(f"{tenant} {event['name']}\n")
        return no_answer if event["name"] == WAITS else answer

    def told(answered: HttpAnswer) -> None:
        sys.stderr.write(f"told {answered.tenant} {answered.status}\n" * (answered.status == 500))
        sys.stderr.flush()

    async def ready() -> tuple[bool, Mapping[str, object]]:
        return True, {"ready": True}

    async def metrics() -> tuple[str, bytes]:
        return "text/plain", b"# a page of others"

    async def large(_request: Request) -> Response:
        return Response(b"# a large page\n" * 100_000)

    limits = RequestLimits(seconds=seconds, requests=requests)
    doors = EventEndpoint(lambda: {"shop": (KEY,), "other": (KEY,)}, accept, limits, observe=told)
    bounds = ConnectionLimits(seconds, seconds * 2, connections)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        app = create_app(doors, StatusPages(ready, metrics))
        app.add_route("/large", large)
        server = create_server(app, bounds, grace=1)
        await server.serve(sockets=[listening])


if __name__ == "__main__":
    open_log()
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
