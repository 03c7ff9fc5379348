"""`erpmap serve`: the webhook service."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from .options import complete_tenant, simulator_option

_JOURNAL = "sqlite:///erpmap.db"

journal_option = click.option(
    "--journal",
    envvar="ERPMAP_JOURNAL",
    show_envvar=True,
    default=_JOURNAL,
    show_default=True,
    metavar="URL",
    help="Where events and deliveries are kept: sqlite:///FILE or postgresql://…",
)


def _queue_url(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    """A queue's URL, as far as can be seen without asking AWS."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(parts.path) < 2:
        raise click.BadParameter("a queue's URL is https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")
    if parts.path.endswith(".fifo"):
        raise click.BadParameter(
            "a FIFO queue cannot delay one message; a standard queue will do, the journal keeps the order"
        )
    return url


sqs_option = click.option(
    "--sqs",
    envvar="ERPMAP_SQS",
    show_envvar=True,
    metavar="URL",
    callback=_queue_url,
    help="A standard queue of AWS that carries the keys of what is due, beside a journal on PostgreSQL.",
)


@click.command()
@click.argument("tenants", nargs=-1, metavar="[TENANT]...", shell_complete=complete_tenant)
@journal_option
@sqs_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--stop-within",
    type=click.FloatRange(0, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="What is under way may take so long after SIGTERM; then it is left for the next start.",
)
@simulator_option
@click.pass_obj
def serve(
    root: Path,
    tenants: tuple[str, ...],
    journal: str,
    sqs: str | None,
    host: str,
    port: int,
    stop_within: float,
    simulator: str | None,
) -> None:
    """Receive events for all tenants, or those named, and deliver them until SIGTERM or Ctrl-C.

    NewStore's Event Stream posts to /events/TENANT with one of the tenant's keys (`events.keys`).
    Each event is on the disk before it is answered; its transaction is written once, whatever fails
    on the way. Mappings are loaded anew when their files change, or on SIGHUP, if their cases pass.

    \b
    erpmap serve
    erpmap serve dodici --journal sqlite:////var/lib/erpmap/journal.db --host 0.0.0.0
    erpmap serve dodici --simulator http://127.0.0.1:8100

    GET /healthz, /readyz and /metrics say how it is. The log is on stderr: JSON, or lines for people
    on a terminal. A second SIGTERM ends it at once.

    Exit codes: 0 stopped as told, 1 it cannot serve (the journal, the queue, the port), 2 wrong use.
    """
    from ..serving.command import Asked, run

    run(Asked(root, tenants, journal, host, port, simulator, stop_within, sqs))


@click.command()
@click.argument("tenants", nargs=-1, metavar="[TENANT]...", shell_complete=complete_tenant)
@journal_option
@sqs_option
@click.option(
    "--stop-within",
    type=click.FloatRange(0, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="What is under way may take so long after SIGTERM; then others take it over.",
)
@simulator_option
@click.pass_obj
def worker(
    root: Path,
    tenants: tuple[str, ...],
    journal: str,
    sqs: str | None,
    stop_within: float,
    simulator: str | None,
) -> None:
    """Deliver what `erpmap serve` accepts elsewhere, until SIGTERM or Ctrl-C; receive nothing.

    Any number of workers share a journal on PostgreSQL; on SQLite `erpmap serve` works alone.

    \b
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap

    Exit codes: 0 stopped as told, 1 it cannot work (the journal, the queue), 2 wrong use.
    """
    from ..serving.command import Asked, run_worker

    run_worker(Asked(root, tenants, journal, "", 0, simulator, stop_within, sqs))
