"""moto's SQS in a process of its own: `sqs_process.py PORT`; GET /counts says how often it was asked for what."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple


class Counting:
    """Counts what moto is asked for, and asks it for one thing after another.

    Its threads replace a queue's list of messages: two at once, and what one deleted is there again.
    Receiving only marks them, and waits.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.counts: Counter[str] = Counter()
        self.alone = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/counts":
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.counts).encode()]
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        self.counts[operation] += 1
        with nullcontext() if operation == "ReceiveMessage" else self.alone:
            return list(self.app(environ, start))


class Silent(WSGIRequestHandler):
    """Writes no line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Nothing."""


if __name__ == "__main__":
    app = Counting(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=Silent)
