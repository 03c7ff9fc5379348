"""The options of `erpmap stream` and its commands.

An integration of NewStore's Event Stream sends a tenant's events to the service.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ..options import (
    Duration,
    Moment,
    check_simulator,
    format_option,
    simulator_option,
    tenant_argument,
)

integration_option = click.option(
    "--integration", metavar="ID", help="The integration's id.  [default: the tenant's own]"
)
url_option = click.option(
    "--url",
    metavar="URL",
    help="The service's address for NewStore: https://HOST/events/TENANT.  [default: events.url]",
)


@click.group(short_help="Manage the Event Stream of a tenant.")
def stream() -> None:
    """Manage NewStore's Event Stream of a tenant, which sends its events to the service.

    \b
    erpmap stream register dodici --url https://erpmap.example.com/events/dodici
    erpmap stream status dodici
    """


@stream.command()
@tenant_argument
@url_option
@click.option(
    "--since",
    type=Moment(is_past=True),
    metavar="MOMENT",
    help="Also send events since this moment, not only new ones.",
)
@click.option("--all-events", is_flag=True, help="Send all events, not only those a mapping wants.")
@click.option("--update", is_flag=True, help="Stop, change and start an integration that exists.")
@simulator_option
@format_option
@click.pass_obj
def register(
    root: Path,
    tenant: str,
    url: str | None,
    since: datetime | None,
    all_events: bool,
    update: bool,
    simulator: str | None,
    form: str,
) -> None:
    """Register the integration of TENANT, which starts at once.

    Its id is `events.stream` of the tenant.yaml, else erpmap-TENANT. NewStore sends the first of
    `events.keys` with each event; after a change of keys or address, --update sends the new ones to
    NewStore.

    \b
    erpmap stream register dodici --url https://erpmap.example.com/events/dodici
    erpmap stream register dodici --update

    Exit codes: 0 it runs, 1 it exists already, or NewStore refuses.
    """
    from .register import register as register_
    from .stream_target import RegistrationTerms, StreamRequest

    request = StreamRequest(
        root=root, tenant=tenant, integration=None, simulator=check_simulator(simulator), form=form
    )
    register_(
        request, RegistrationTerms(url=url, since=since, all_events=all_events, update=update)
    )


@stream.command()
@tenant_argument
@integration_option
@simulator_option
@format_option
@click.pass_obj
def status(
    root: Path, tenant: str, integration: str | None, simulator: str | None, form: str
) -> None:
    """Show the state of TENANT's integration, its log and rejected events.

    \b
    erpmap stream status dodici
    erpmap stream status dodici --format json

    Exit codes: 0 it runs, 1 it has stopped, does not exist, or leaves out events a mapping wants.
    """
    from .status import show_status
    from .stream_target import StreamRequest

    show_status(
        StreamRequest(
            root=root,
            tenant=tenant,
            integration=integration,
            simulator=check_simulator(simulator),
            form=form,
        )
    )


def _add_state_command(verb: str, words: str) -> None:
    """Add a command that changes the state of an integration."""

    @stream.command(verb, help=words)
    @tenant_argument
    @integration_option
    @simulator_option
    @format_option
    @click.pass_obj
    def command(
        root: Path, tenant: str, integration: str | None, simulator: str | None, form: str
    ) -> None:
        from .register import change_state
        from .stream_target import StreamRequest

        change_state(
            verb,
            StreamRequest(
                root=root,
                tenant=tenant,
                integration=integration,
                simulator=check_simulator(simulator),
                form=form,
            ),
        )


_add_state_command(
    "start",
    """Start the integration of TENANT.

    NewStore also sends the events that it has missed in the last 30 days.

    \b
    erpmap stream start dodici

    Exit codes: 0 done, 1 there is no such integration, or NewStore refuses.
    """,
)
_add_state_command(
    "stop",
    """Stop the integration of TENANT; NewStore keeps the missed events for 30 days.

    \b
    erpmap stream stop dodici

    Exit codes: 0 done, 1 there is no such integration, or NewStore refuses.
    """,
)
_add_state_command(
    "delete",
    """Delete the integration of TENANT, with its log and rejected events. Missed events are lost.

    \b
    erpmap stream delete dodici --integration erpmap-dodici-replay-0123456789

    Exit codes: 0 done, 1 there is no such integration, or NewStore refuses.
    """,
)


@stream.command()
@tenant_argument
@click.argument("event", required=False)
@integration_option
@click.option("--retry", "verb", flag_value="retry", help="Send EVENT, or all, again.")
@click.option("--delete", "verb", flag_value="delete", help="Delete EVENT, or all.")
@click.option("--all", "everything", is_flag=True, help="Retry or delete all rejected events.")
@simulator_option
@format_option
@click.pass_obj
def rejected(
    root: Path,
    tenant: str,
    event: str | None,
    integration: str | None,
    verb: str | None,
    everything: bool,
    simulator: str | None,
    form: str,
) -> None:
    """List, show, retry or delete the events that the service answered with 400.

    NewStore keeps the last thirty of TENANT.

    \b
    erpmap stream rejected dodici
    erpmap stream rejected dodici EVENT
    erpmap stream rejected dodici EVENT --retry
    erpmap stream rejected dodici --all --delete

    Exit codes: 0 done (a list is empty), 1 the list has events, or a retried event failed again.
    """
    if event is not None and everything:
        raise click.UsageError("give an EVENT or --all, not both")
    if verb is not None and event is None and not everything:
        raise click.UsageError(f"name the event, or give --all: EVENT --{verb}, or --all --{verb}")
    from .rejected import handle_rejected
    from .stream_target import StreamRequest

    handle_rejected(
        StreamRequest(
            root=root,
            tenant=tenant,
            integration=integration,
            simulator=check_simulator(simulator),
            form=form,
        ),
        event,
        verb,
    )


@stream.command()
@tenant_argument
@click.option(
    "--from", "start", type=Moment(is_past=True), required=True, help="Events from this moment on."
)
@click.option("--to", "end", type=Moment(), required=True, help="Events before this moment.")
@url_option
@click.option("--all-events", is_flag=True, help="Send all events, not only those a mapping wants.")
@click.option(
    "--patience",
    type=Duration(),
    default="1h",
    show_default=True,
    help="How long to wait for the end; NewStore continues after that.",
)
@simulator_option
@format_option
@click.pass_obj
def replay(
    root: Path,
    tenant: str,
    start: datetime,
    end: datetime,
    url: str | None,
    all_events: bool,
    patience: float,
    simulator: str | None,
    form: str,
) -> None:
    """Have NewStore send the events of TENANT between two moments again.

    The command waits for the end. Events that came before are recognized and not delivered twice.
    Moments are in UTC.

    \b
    erpmap stream replay dodici --from 2026-11-01 --to 2026-11-02T06:00

    Exit codes: 0 every event was accepted, 1 some were rejected or perhaps not sent, 3 it still runs.
    """
    if end <= start:
        raise click.UsageError("--to has to be later than --from")
    from .replay import replay as replay_
    from .stream_target import RegistrationTerms, ReplayWindow, StreamRequest

    request = StreamRequest(
        root=root, tenant=tenant, integration=None, simulator=check_simulator(simulator), form=form
    )
    replay_(
        request,
        RegistrationTerms(url=url, since=None, all_events=all_events, update=False),
        ReplayWindow(start, end, patience),
    )
