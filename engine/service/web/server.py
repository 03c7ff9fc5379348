"""uvicorn's server with our connections, told to end by whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from .connections import Bounds, connections_of

# So many may be accepted before one of them is looked at: files beyond those of `connections`.
_BACKLOG = 256


class Server(uvicorn.Server):
    """uvicorn's, which leaves signals to whoever runs it."""

    def exit(self) -> None:
        """Listen no more, end the requests there are, and return from `serve`."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are captured."""
        yield


def server_of(app: Any, bounds: Bounds, *, grace: float) -> Server:
    """A server of an application; when it is told to exit, requests have `grace` seconds to end."""
    config = uvicorn.Config(
        app,
        http=connections_of(bounds),  # type: ignore[arg-type] # any callable will do
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=max(1, int(bounds.head)),
        timeout_graceful_shutdown=max(1, int(grace)),
    )
    return Server(config)
