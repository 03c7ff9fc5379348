"""uvicorn's server with limited connections; the caller stops it, not a signal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from .connections import ConnectionLimits, limited_connections, report_answers

_NEVER = 365 * 24 * 3600


class HttpServer(uvicorn.Server):
    """uvicorn's server without its signal handlers: the service handles signals."""

    def exit(self) -> None:
        """Stop listening, finish open requests, and return from `serve`."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handler."""
        yield


def create_server(app: ASGIApp, limits: ConnectionLimits, *, grace: float) -> HttpServer:
    """Return a server of an application; open requests have `grace` seconds to end after `exit`."""
    protocol = _config(app, "httptools", limits.backlog, grace)
    protocol.load()
    connections = limited_connections(limits, protocol.http_protocol_class)
    return HttpServer(_config(report_answers(app), connections, limits.backlog, grace))


def _config(app: ASGIApp, http: object, backlog: int, grace: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=http,  # type: ignore[arg-type] # the server only calls it
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=backlog,
        # Only the connection's own deadlines apply: some releases of uvicorn also count the seconds
        # while a pipelined request waits for its answer.
        timeout_keep_alive=_NEVER,
        timeout_graceful_shutdown=max(1, int(grace)),
    )
