"""`erpmap serve` and `erpmap worker`: the webhook service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from ..options import complete_tenant, journal_option, simulator_option

Command = TypeVar("Command", bound=Callable[..., Any])
PORT = click.IntRange(0, 65535)

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
)


def shadow_options(command: Command) -> Command:
    """The options of a new version of the mappings beside the live one."""
    shadow_option = click.option(
        "--shadow",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        envvar="ERPMAP_SHADOW",
        show_envvar=True,
        metavar="DIR",
        help="Mappings to run beside the live ones; nothing is posted, `erpmap shadow` tells what differs.",
    )
    asks_option = click.option(
        "--shadow-asks",
        is_flag=True,
        help="They may read in NewStore and NetSuite what the live ones did not ask for.",
    )
    return shadow_option(asks_option(command))


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


def stop_option(then: str) -> Callable[[Command], Command]:
    """How long what is under way may take in the end; `then` says what becomes of the rest."""
    return click.option(
        "--stop-within",
        type=click.FloatRange(0, 3600),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help=f"What is under way may take so long after SIGTERM; then {then}.",
    )


rate_option = click.option(
    "--newstore-rate",
    type=click.IntRange(1, 100),
    envvar="ERPMAP_NEWSTORE_RATE",
    show_envvar=True,
    default=15,
    show_default=True,
    metavar="N",
    help="Requests to NewStore in a second, of this process; NewStore counts those of an IP.",
)


def service_options(command: Command) -> Command:
    """What both take beside: tenants, the journal, the queue, mappings beside the live ones."""
    for option in (simulator_option, rate_option, shadow_options, sqs_option, journal_option):
        command = option(command)
    return click.argument(
        "tenants", nargs=-1, metavar="[TENANT]...", shell_complete=complete_tenant
    )(command)


@click.command()
@service_options
@host_option
@click.option("--port", type=PORT, default=8080, show_default=True, help="0: any free one.")
@stop_option("it is left for the next start")
@click.pass_obj
def serve(root: Path, /, **options: Any) -> None:
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
    from .serve import ServeRequest, run

    run(ServeRequest(root, **options))


@click.command()
@service_options
@host_option
@click.option("--port", type=PORT, help="Where it is seen; 0: any free one.  [default: nowhere]")
@stop_option("others take it over")
@click.pass_obj
def worker(root: Path, /, **options: Any) -> None:
    """Deliver what `erpmap serve` accepts elsewhere, until SIGTERM or Ctrl-C; receive nothing.

    Any number of workers share a journal on PostgreSQL; on SQLite `erpmap serve` works alone.

    \b
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap --port 8081

    With --port, GET /healthz, /readyz and /metrics say how it is.

    Exit codes: 0 stopped as told, 1 it cannot work (the journal, the queue, the port), 2 wrong use.
    """
    from .serve import ServeRequest, run_worker

    run_worker(ServeRequest(root, **options))
