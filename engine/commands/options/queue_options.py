"""What the commands of `erpmap queue` have in common: which deliveries, who, and since when."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from .options import Duration, complete_tenant

if TYPE_CHECKING:
    from ...journal.changing import Act
    from ...journal.selecting import Choice
    from ...journal.undelivered import EventChoice

STATES = ("waiting", "held", "running", "parked", "delivered", "ignored", "resolved")


class Since(click.ParamType[int]):
    """`2h`, `30d` or `2026-11-24` on the command line; milliseconds since 1970."""

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """A duration counts back from now; a date begins in UTC."""
        from ..queue.moments import now

        if isinstance(value, int):
            return value
        text = str(value)
        if re.fullmatch(r"[0-9]+[smhd]", text):
            return now() - int(Duration().convert(text, param, ctx) * 1000)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is neither a duration, as 2h, nor a date, as 2026-11-24", param, ctx
            )
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()) * 1000


def chosen(command: Any) -> Any:
    """The options that choose deliveries."""
    options = (
        click.option("--tenant", shell_complete=complete_tenant, help="Only this tenant's."),
        click.option("--mapping", "-m", help="Only those of this mapping."),
        click.option(
            "--state",
            "states",
            type=click.Choice(STATES),
            multiple=True,
            help="Only those that stand so; repeatable.",
        ),
        click.option(
            "--reason", help="Only those of this reason, as `findings` or `period_closed`."
        ),
        click.option("--order", "-o", metavar="ID", help="Only those of this order."),
        click.option("--cause", help="Only those of this cause; `queue list --causes` shows them."),
        click.option(
            "--since",
            type=Since(),
            metavar="TIME",
            help="Only those that changed since: 2h, 30d or 2026-11-24.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def listing(command: Any) -> Any:
    """The options that say what is listed, and which page of it."""
    events = "Events without a delivery of their own, with the rule."
    options = (
        click.option("--all", "everything", is_flag=True, help="Those that have ended too."),
        click.option("--causes", is_flag=True, help="Why deliveries are parked, each cause once."),
        click.option("--events", is_flag=True, help=events),
        click.option("--after", type=click.IntRange(min=0), default=0, help="Those after this id."),
        click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


names_argument = click.argument("names", nargs=-1, metavar="[ID|ORDER]...")
name_argument = click.argument("name", metavar="ID|ORDER")
by_option = click.option("--by", help="Who does it.  [default: your name here]")


def choice_of(chosen: dict[str, Any]) -> Choice:
    """What the options of `chosen` choose."""
    from ...journal.selecting import Choice
    from ...journal.states import State

    states = tuple(State(state) for state in chosen.pop("states"))
    return Choice(**chosen, states=states)


def event_choice_of(chosen: dict[str, Any]) -> EventChoice:
    """What those of them choose that are about events; the others are about deliveries: wrong use."""
    from ...journal.undelivered import EventChoice

    for option in ("mapping", "states", "cause"):
        if chosen[option]:
            name = "state" if option == "states" else option
            raise click.UsageError(f"--{name} is about deliveries, which these events do not have")
    return EventChoice(chosen["tenant"], chosen["order"], chosen["reason"], chosen["since"])


def act_of(by: str | None, words: str | None) -> Act:
    """Who does it, now, and why; by the name of the user where nobody says another."""
    import getpass
    import os

    from ...journal.changing import Act
    from ..queue.moments import now

    if by is None:
        try:
            by = getpass.getuser()
        except (KeyError, OSError):  # a container whose user has no name
            by = f"user {os.getuid()}"
    return Act(by, now(), words)
