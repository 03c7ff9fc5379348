"""Serves an ASGI application on loopback, in the current event loop or in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOPBACK = "127.0.0.1"
_START_SECONDS = 20


class _Protocol(H11Protocol):
    """uvicorn's HTTP protocol; requests get their transport, so that a fault can abort it."""

    def connection_made(self, transport: Any) -> None:
        """Put the connection's transport into the state of its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


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
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
    )
