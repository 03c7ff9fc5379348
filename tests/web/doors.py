"""The service's doors alone, in a process of their own: `doors.py STORED SECONDS CONNECTIONS`.

What is accepted becomes a line of the file STORED; the port is the first line of stdout.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.web.app import Doors, Seen, service_app
from engine.web.connections import Bounds, server_of
from engine.web.receiving import Limits

KEY = "the-key-of-the-doors"


async def serve(stored: Path, seconds: float, connections: int) -> None:
    async def accept(tenant: str, event: Mapping[str, object]) -> tuple[int, Mapping[str, object]]:
        with stored.open("a") as file:
            file.write(f"{tenant} {event['name']}\n")
        return 200, {"event": 1}

    async def ready() -> tuple[bool, Mapping[str, object]]:
        return True, {"ready": True}

    async def metrics() -> tuple[str, bytes]:
        return "text/plain", b"# a large page\n" * 100_000

    doors = Doors(lambda: {"shop": (KEY,)}, accept, Limits(seconds=seconds))
    bounds = Bounds(seconds, seconds * 2, connections)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        server = server_of(service_app(doors, Seen(ready, metrics)), bounds, grace=1)
        await server.serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
