"""The options of `erpmap serve` and `erpmap worker`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from .options import complete_tenant, simulator_option

Command = TypeVar("Command", bound=Callable[..., Any])
_JOURNAL = "sqlite:///erpmap.db"
PORT = click.IntRange(0, 65535)

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
)

journal_option = click.option(
    "--journal",
    envvar="ERPMAP_JOURNAL",
    show_envvar=True,
    default=_JOURNAL,
    show_default=True,
    metavar="URL",
    help="Where events and deliveries are kept: sqlite:///FILE or postgresql://…",
)


def shadow_options(command: Command) -> Command:
    """The options of a new version of the mappings beside the live one."""
    beside = click.option(
        "--shadow",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        envvar="ERPMAP_SHADOW",
        show_envvar=True,
        metavar="DIR",
        help="Mappings to run beside the live ones; nothing is posted, `erpmap shadow` tells what differs.",
    )
    asking = click.option(
        "--shadow-asks",
        is_flag=True,
        help="They may read in NewStore and NetSuite what the live ones did not ask for.",
    )
    return beside(asking(command))


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
