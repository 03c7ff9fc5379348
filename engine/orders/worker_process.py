"""A worker process: works on the batches from its standard input, a socket, until that is closed.

It loads the tenants itself, because plans hold values that cannot be sent. `worker_pool` starts it.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from typing import Any

from ..findings.errors import WorkerError


def serve_batches(connection: Connection[Any, Any]) -> None:
    """Receive the settings of a task, then names of orders; send back their results."""
    try:
        work = connection.recv().load()
        while True:
            connection.send(work(connection.recv()))
    except (EOFError, ConnectionError):
        pass  # the parent process has ended
    except WorkerError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    serve_batches(Connection(sys.stdin.fileno()))
