"""`erpmap serve` and `erpmap worker`: the webhook service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .serve_options import PORT, host_option, service_options, stop_option


@click.command()
@service_options
@host_option
@click.option("--port", type=PORT, default=8080, show_default=True, help="0: any free one.")
@stop_option("it is left for the next start")
@click.pass_obj
def serve(root: Path, /, **asked: Any) -> None:
    """Receive events for all tenants, or those named, and deliver them until SIGTERM or Ctrl-C.

    NewStore's Event Stream posts to /events/TENANT with one of the tenant's keys (`events.keys`).
    Each event is on the disk before it is answered; its transaction is written once, whatever fails
    on the way. Mappings are loaded anew when their files change, or on SIGHUP, if their cases pass.

    \b
    erpmap serve
    erpmap serve dodici --journal sqlite:////var/lib/erpmap/journal.db --host 0.0.0.0
    erpmap serve dodici --simulator http://127.0.0.1:8100
    erpmap serve dodici --shadow ../mappings-next

    GET /healthz, /readyz and /metrics say how it is. The log is on stderr: JSON, or lines for people
    on a terminal. A second SIGTERM ends it at once.

    Exit codes: 0 stopped as told, 1 it cannot serve (the journal, the queue, the port), 2 wrong use.
    """
    from ..serve.command import Asked, run

    run(Asked(root, **asked))


@click.command()
@service_options
@host_option
@click.option("--port", type=PORT, help="Where it is seen; 0: any free one.  [default: nowhere]")
@stop_option("others take it over")
@click.pass_obj
def worker(root: Path, /, **asked: Any) -> None:
    """Deliver what `erpmap serve` accepts elsewhere, until SIGTERM or Ctrl-C; receive nothing.

    Any number of workers share a journal on PostgreSQL; on SQLite `erpmap serve` works alone.

    \b
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap --port 8081

    With --port, GET /healthz, /readyz and /metrics say how it is.

    Exit codes: 0 stopped as told, 1 it cannot work (the journal, the queue, the port), 2 wrong use.
    """
    from ..serve.command import Asked, run_worker

    run_worker(Asked(root, **asked))
