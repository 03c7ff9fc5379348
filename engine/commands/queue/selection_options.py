"""The options that several commands of `erpmap queue` share, and what they select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..options import Since, complete_tenant, limit_option

if TYPE_CHECKING:
    from ...journal.change import OperatorAction
    from ...journal.deliveries import DeliveryFilter
    from ...journal.events import EventFilter


STATES = ("waiting", "held", "running", "parked", "delivered", "ignored", "resolved")


def filter_options(command: Any) -> Any:
    """Add the options that select deliveries."""
    options = (
        click.option("--tenant", shell_complete=complete_tenant, help="Only of this tenant."),
        click.option("--mapping", "-m", help="Only of this mapping."),
        click.option(
            "--state",
            "states",
            type=click.Choice(STATES),
            multiple=True,
            help="Only in this state; repeatable.",
        ),
        click.option(
            "--reason", help="Only with this reason, such as `findings` or `period_closed`."
        ),
        click.option("--order", "-o", metavar="ID", help="Only of this order."),
        click.option(
            "--cause", help="Only with this cause; `queue list --causes` shows the causes."
        ),
        click.option(
            "--since",
            type=Since(),
            metavar="TIME",
            help="Only changed since this time: 2h, 30d or 2026-11-24.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def list_options(command: Any) -> Any:
    """Add the options that choose what is listed, and which page of it."""
    events = "List events without a delivery of their own, with the rule that ignored them."
    options = (
        click.option("--all", "everything", is_flag=True, help="Also deliveries that have ended."),
        click.option("--causes", is_flag=True, help="List each cause of parked deliveries once."),
        click.option("--events", is_flag=True, help=events),
        click.option(
            "--after", type=click.IntRange(min=0), default=0, help="Only ids after this one."
        ),
        limit_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


names_argument = click.argument("names", nargs=-1, metavar="[ID|ORDER]...")
name_argument = click.argument("name", metavar="ID|ORDER")
by_option = click.option(
    "--by", help="The name recorded with the action.  [default: your user name]"
)


def delivery_filter(filters: dict[str, Any]) -> DeliveryFilter:
    """Return the filter that the options of `filter_options` describe."""
    from ...journal.deliveries import DeliveryFilter
    from ...journal.states import DeliveryState

    states = tuple(DeliveryState(state) for state in filters.pop("states"))
    return DeliveryFilter(**filters, states=states)


def event_filter(filters: dict[str, Any]) -> EventFilter:
    """Return the filter of events. Raise UsageError for an option that only deliveries have."""
    from ...journal.events import EventFilter

    for option in ("mapping", "states", "cause"):
        if filters[option]:
            name = "state" if option == "states" else option
            raise click.UsageError(
                f"--{name} selects deliveries; --events lists events without one"
            )
    return EventFilter(
        tenant=filters["tenant"],
        order=filters["order"],
        rule=filters["reason"],
        since=filters["since"],
    )


def operator_action(by: str | None, words: str | None) -> OperatorAction:
    """Return an action of the present moment by `by`, else by the current user, with its reason."""
    import getpass
    import os

    from ...journal.change import OperatorAction
    from .time_text import now

    if by is None:
        try:
            by = getpass.getuser()
        except (KeyError, OSError):  # a container whose user has no name
            by = f"user {os.getuid()}"
    return OperatorAction(by, now(), words)
