"""A worker: renders the batches that come through its standard input, a socket, until that ends.

It loads the tenant itself, because plans hold what cannot be sent. Run as a
process by `worker_pool`, never by people.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from typing import Any

from ..findings.errors import WorkerError
from .batch import load_task, render_batch


def serve_batches(line: Connection[Any, Any]) -> None:
    """Answer a recipe and then names of orders with what they come to."""
    try:
        task = load_task(line.recv())
        while True:
            line.send(render_batch(task, line.recv()))
    except (EOFError, ConnectionError):
        pass  # whoever asked is gone
    except WorkerError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    serve_batches(Connection(sys.stdin.fileno()))
