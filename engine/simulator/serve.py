"""Serving an ASGI application on loopback: here, or beside the program in a thread."""

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
    """HTTP as uvicorn speaks it; requests know their connection, so that one can be cut off."""

    def connection_made(self, transport: Any) -> None:
        """Give each connection's requests a state of their own."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Answer on a socket until the process is told to stop (SIGINT, SIGTERM)."""
    await _build_server(app).serve(sockets=[listening])


def listen(port: int = 0) -> socket.socket:
    """A socket on loopback; port 0 is any that is free. Raise OSError when it is taken."""
    # Said to be TCP, its connections send at once; otherwise each answer waits 40 ms for the next packet.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()  # who comes before the server has started waits, and is not refused
    except OSError:
        listening.close()
        raise
    return listening


def format_address(listening: socket.socket) -> str:
    """`http://127.0.0.1:PORT`."""
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve in a thread of its own while the block runs; the value is the address."""
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
        raise RuntimeError("the simulator did not start")


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
