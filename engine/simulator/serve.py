"""Serves an ASGI application on loopback, in the current event loop or in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = "127.0.0.1"
_START_SECONDS = 20


class _Connection(asyncio.Protocol):
    """Wraps uvicorn's protocol for a connection, so that a fault can abort the connection.

    It calls uvicorn's protocol through asyncio's methods only. `transports` holds the transport of
    each open connection by the address of its client.
    """

    def __init__(self, inner: asyncio.Protocol, transports: dict[Any, asyncio.Transport]) -> None:
        self._inner = inner
        self._transports = transports
        self._client: Any = None

    def connection_made(self, transport: Any) -> None:
        """Store the transport while the connection is open."""
        self._client = transport.get_extra_info("peername")
        self._transports[self._client] = transport
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on received data."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on the end of the received data."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on that the client reads slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client has caught up."""
        self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Drop the transport."""
        self._transports.pop(self._client, None)
        self._inner.connection_lost(error)


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serve on a socket until the process receives SIGINT or SIGTERM."""
    await _build_server(app).serve(sockets=[listening])


def listen(port: int = 0) -> socket.socket:
    """Return a listening socket on loopback; port 0 is any free port. Raise OSError when it is in use."""
    # With the protocol named, asyncio sets TCP_NODELAY; otherwise each response waits 40 ms for a packet.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()  # clients that connect before the server has started wait
    except OSError:
        listening.close()
        raise
    return listening


def format_address(listening: socket.socket) -> str:
    """Return `http://127.0.0.1:PORT`."""
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"


@contextmanager
def serve_in_thread(app: ASGIApp) -> Iterator[str]:
    """Serve in a thread while the block runs; the value is the address."""
    listening = listen()
    server = _build_server(app)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True
    )
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield format_address(listening)
    finally:
        server.should_exit = server.force_exit = True
        thread.join(_START_SECONDS)
        listening.close()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    pause = threading.Event()
    for _ in range(_START_SECONDS * 100):
        if server.started or not thread.is_alive():
            break
        pause.wait(0.01)
    if not server.started:
        raise RuntimeError(f"the simulator did not start within {_START_SECONDS} seconds")


def _build_server(app: ASGIApp) -> uvicorn.Server:
    transports: dict[Any, asyncio.Transport] = {}

    async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
        """Give each request the transport of its connection."""
        scope["state"] = {**scope.get("state", {}), "transport": transports.get(scope["client"])}
        await app(scope, receive, send)

    config = _build_config(with_transport, "h11")
    config.load()
    inner: Any = config.http_protocol_class

    def connect(**parts: Any) -> _Connection:
        return _Connection(inner(**parts), transports)

    # uvicorn's types require a class here; its server only calls it.
    return uvicorn.Server(_build_config(with_transport, connect))


def _build_config(app: ASGIApp, http: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
