"""The options of `erpmap serve` and `erpmap worker`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from ..options import complete_tenant, journal_option, simulator_option

Command = TypeVar("Command", bound=Callable[..., Any])
PORT = click.IntRange(0, 65535)


def shadow_options(command: Command) -> Command:
    """Add the options of a shadow: a new version of the mappings run beside the live one."""
    shadow_option = click.option(
        "--shadow",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        envvar="ERPMAP_SHADOW",
        show_envvar=True,
        metavar="DIR",
        help="A new version of the mappings to run beside the live one. It writes nothing to NetSuite; `erpmap shadow` shows the differences.",
    )
    asks_option = click.option(
        "--shadow-asks",
        is_flag=True,
        help="Let the shadow read documents from NewStore and NetSuite that the live mappings did not read.",
    )
    return shadow_option(asks_option(command))


def _queue_url(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    """Return a queue's URL after the checks that need no request to AWS."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(parts.path) < 2:
        raise click.BadParameter("write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")
    if "?" in url or "#" in url or "@" in parts.netloc or not url.isprintable() or " " in url:
        raise click.BadParameter("the URL of a queue has no user, query or fragment")
    if parts.path.endswith(".fifo"):
        raise click.BadParameter(
            "use a standard queue: a FIFO queue cannot delay single messages, and the journal keeps the order"
        )
    return url


sqs_option = click.option(
    "--sqs",
    envvar="ERPMAP_SQS",
    show_envvar=True,
    metavar="URL",
    callback=_queue_url,
    help="A standard SQS queue that hands due deliveries to the processes; needs a journal on PostgreSQL.",
)


def stop_option(then: str) -> Callable[[Command], Command]:
    """Return the option of the time to stop; `then` says what happens to unfinished attempts."""
    return click.option(
        "--stop-within",
        type=click.FloatRange(0, 3600),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help=f"Seconds that running attempts may take after SIGTERM; then {then}.",
    )


rate_option = click.option(
    "--newstore-rate",
    type=click.IntRange(1, 100),
    envvar="ERPMAP_NEWSTORE_RATE",
    show_envvar=True,
    default=15,
    show_default=True,
    metavar="N",
    help="Requests a second to NewStore by this process; NewStore limits the requests of an IP address.",
)


processes_option = click.option(
    "--processes",
    type=click.IntRange(0, 64),
    envvar="ERPMAP_PROCESSES",
    show_envvar=True,
    default=2,
    show_default=True,
    metavar="N",
    help="Processes that load tenants and render heavy orders, each with 256 MB at most; 0 does it in the service itself, without limits.",
)


def admin_options(command: Command) -> Command:
    """Add the options of the administrative pages."""
    port_option = click.option(
        "--admin-port",
        type=PORT,
        envvar="ERPMAP_ADMIN_PORT",
        show_envvar=True,
        help="The port of the pages with details, /metrics and /readyz; 0 takes any free one.  [default: no such pages]",
    )
    host_option = click.option(
        "--admin-host",
        default="127.0.0.1",
        show_default=True,
        envvar="ERPMAP_ADMIN_HOST",
        show_envvar=True,
        help="The address of these pages; they ask for no password.",
    )
    return port_option(host_option(command))


def service_options(command: Command) -> Command:
    """Add what both commands share: tenants, journal, queue, shadow, request rate, simulator."""
    options = (
        simulator_option,
        rate_option,
        processes_option,
        shadow_options,
        sqs_option,
        journal_option,
    )
    for option in options:
        command = option(command)
    return click.argument(
        "tenants", nargs=-1, metavar="[TENANT]...", shell_complete=complete_tenant
    )(command)


@click.command(short_help="Run the service: take events, deliver them.")
@service_options
@admin_options
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to receive events on."
)
@click.option(
    "--port",
    type=PORT,
    default=8080,
    show_default=True,
    help="The port to receive events on; 0 takes any free one.",
)
@stop_option("they are left for the next start")
@click.pass_obj
def serve(root: Path, /, **options: Any) -> None:
    """Receive events for all tenants, or those named, and deliver them.

    It runs until SIGTERM or Ctrl-C; a second SIGTERM stops it at once.

    NewStore's Event Stream posts to /events/TENANT with one of the tenant's keys (`events.keys`;
    `openssl rand -base64 32` makes one).
    Each event is stored on disk before it is answered; its transaction is written once, whatever
    fails on the way. Mappings are reloaded when their files change, or on SIGHUP, if their cases pass.

    \b
    erpmap serve
    erpmap serve dodici --journal sqlite:////var/lib/erpmap/journal.db --host 0.0.0.0
    erpmap serve dodici --simulator http://127.0.0.1:8100
    erpmap serve dodici --shadow ../mappings-next
    erpmap serve --admin-port 8081

    GET /healthz and /readyz say whether it is alive and ready. With --admin-port, /readyz there says
    why not, and /metrics has the measures. The log is on stderr: JSON, or plain lines on a terminal.

    Exit codes: 0 stopped by SIGTERM or Ctrl-C, 1 it cannot serve (the journal, the queue, the port), 2
    wrong use.
    """
    from .serve import ServeRequest, run

    run(ServeRequest(root, **options))


@click.command(short_help="Deliver beside `serve`, on a shared journal.")
@service_options
@admin_options
@stop_option("other processes take them over")
@click.pass_obj
def worker(root: Path, /, **options: Any) -> None:
    """Deliver events that `erpmap serve` has received, and receive none.

    It runs until SIGTERM or Ctrl-C. Any number of workers share a journal on PostgreSQL; on SQLite
    only `erpmap serve` delivers.

    \b
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap
    erpmap worker --journal postgresql://erpmap@db.example.com/erpmap --admin-port 8081

    With --admin-port, GET /healthz, /readyz and /metrics report its health.

    Exit codes: 0 stopped by SIGTERM or Ctrl-C, 1 it cannot work (the journal, the queue, the port), 2
    wrong use.
    """
    from .serve import ServeRequest, run_worker

    run_worker(ServeRequest(root, **options))
