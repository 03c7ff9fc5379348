"""`erpmap queue`: the journal looked at, changed, held to its rules and cleaned, by people."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import Duration, complete_tenant, format_option, journal_option

if TYPE_CHECKING:
    from ...journal.change import OperatorAction
    from ...journal.deliveries import DeliveryFilter
    from ...journal.events import EventFilter


STATES = ("waiting", "held", "running", "parked", "delivered", "ignored", "resolved")


class Since(click.ParamType[int]):
    """`2h`, `30d` or `2026-11-24` on the command line; milliseconds since 1970."""

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """A duration counts back from now; a date begins in UTC."""
        from .time_text import now

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


def filter_options(command: Any) -> Any:
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


def list_options(command: Any) -> Any:
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


def delivery_filter(filter_options: dict[str, Any]) -> DeliveryFilter:
    """What the options of `filter_options` choose."""
    from ...journal.deliveries import DeliveryFilter
    from ...journal.states import DeliveryState

    states = tuple(DeliveryState(state) for state in filter_options.pop("states"))
    return DeliveryFilter(**filter_options, states=states)


def event_filter(filter_options: dict[str, Any]) -> EventFilter:
    """What those of them choose that are about events; the others are about deliveries: wrong use."""
    from ...journal.events import EventFilter

    for option in ("mapping", "states", "cause"):
        if filter_options[option]:
            name = "state" if option == "states" else option
            raise click.UsageError(f"--{name} is about deliveries, which these events do not have")
    return EventFilter(
        filter_options["tenant"],
        filter_options["order"],
        filter_options["reason"],
        filter_options["since"],
    )


def operator_action(by: str | None, words: str | None) -> OperatorAction:
    """Who does it, now, and why; by the name of the user where nobody says another."""
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


@click.command()
@journal_option
@format_option
def audit(journal: str, form: str) -> None:
    """Check that everything adds up: each event has its fate, each delivery its place.

    \b
    erpmap queue audit

    Exit codes: 0 everything adds up, 1 something does not.
    """
    from .upkeep import show_audit

    show_audit(journal, form)


@click.command()
@click.option("--older-than", type=Since(), required=True, metavar="AGE", help="As in 90d.")
@click.option("--dry-run", is_flag=True, help="Say how many, and remove nothing.")
@journal_option
@format_option
def purge(older_than: int, dry_run: bool, journal: str, form: str) -> None:
    """Remove the documents of deliveries that ended long ago: events, sources, payloads, words.

    Ids, states and external ids stay, so that a late duplicate is still known.

    \b
    erpmap queue purge --older-than 90d --dry-run
    """
    from .upkeep import purge_documents

    purge_documents(journal, older_than, dry_run=dry_run, form=form)


@click.command()
@click.option("--order", "-o", metavar="ID", help="The order, by its number or id.")
@click.option("--email", metavar="ADDRESS", help="All orders that name this address anywhere.")
@click.option("--tenant", shell_complete=complete_tenant, help="Only this tenant's.")
@by_option
@journal_option
@format_option
def erase(
    order: str | None, email: str | None, tenant: str | None, by: str | None, journal: str, form: str
) -> None:  # fmt: skip
    """Erase a customer's data from all documents and words; what is on its way is refused.

    \b
    erpmap queue erase --email ann@example.com
    erpmap queue erase --order DO000000101
    """
    if (order is None) == (email is None):
        raise click.UsageError("say whose: --order ID or --email ADDRESS")
    from .upkeep import erase_customer, erase_order

    if order is not None:
        erase_order(journal, tenant, order, operator_action(by, None), form)
    assert email is not None
    if "@" not in email:
        raise click.UsageError(f"{email!r} is no address")
    erase_customer(journal, tenant, email, operator_action(by, None), form)


@click.command()
@journal_option
@format_option
def restored(journal: str, form: str) -> None:
    """Say that the journal was restored from a backup, before the service is started on it.

    What is on its way in it may have been written since: it will be looked for first. Then have
    NewStore send again what came after the backup (`stream replay`); what is known already is posted
    once all the same. What people did since has to be repeated: `erase` first, `park`, `resolve`.

    \b
    erpmap queue restored
    """
    from .change import restore_journal

    restore_journal(journal, form)


@click.group()
def queue() -> None:
    """Look at the journal and change what waits in it, also while the service runs.

    A delivery is named by its id, or by the number of its order.

    \b
    erpmap queue list                        all that has not ended
    erpmap queue list --causes               why deliveries are parked
    erpmap queue list --events               events that began no delivery, and by which rule
    erpmap queue show DO000000101
    erpmap queue retry --cause 1f3a5c7e9b2d
    erpmap queue audit

    Exit codes: 0 done, 1 refused (findings), or something does not add up, 2 wrong use.
    """


@queue.command("list")
@filter_options
@list_options
@journal_option
@format_option
def list_(after: int, limit: int, journal: str, form: str, **filter_options: Any) -> None:
    """List deliveries, the oldest first: those that have not ended, or those chosen.

    With --events, what has no delivery: events that a rule ignores, that are the same as another, or
    that wait for their tenant's mappings. --tenant, --order, --since and --reason, which is the rule, choose.

    \b
    erpmap queue list --state parked --tenant dodici
    erpmap queue list --causes
    erpmap queue list --events --reason posted_earlier
    erpmap queue list --all --since 2h --format json
    """
    from .events import show_events
    from .list import show_causes, show_list

    everything, causes, events = (
        filter_options.pop(name) for name in ("everything", "causes", "events")
    )
    if events:
        show_events(journal, event_filter(filter_options), after=after, most=limit, form=form)
        return
    if causes:
        show_causes(journal, delivery_filter(filter_options), form)
        return
    if not everything and not filter_options["states"] and not filter_options["order"]:
        filter_options["states"] = STATES[:4]
    show_list(journal, delivery_filter(filter_options), after=after, most=limit, form=form)


@queue.command()
@name_argument
@click.option(
    "--payload", "document", flag_value="payload", help="The payload it sent, as rendered."
)
@click.option("--event", "document", flag_value="event", help="The event as it arrived.")
@click.option("--attempt", type=click.IntRange(min=1), help="Of this attempt, not the last.")
@journal_option
@format_option
def show(name: str, document: str | None, attempt: int | None, journal: str, form: str) -> None:
    """Show a delivery: its event, its attempts, what stands in NetSuite, what people did.

    Of an order without any, its events are shown, and by which rule they were ignored.

    \b
    erpmap queue show 12
    erpmap queue show DO000000101 --payload
    """
    from .list import show_delivery

    show_delivery(journal, name, document=document, attempt=attempt, form=form)


@queue.command()
@names_argument
@filter_options
@click.option("--anew", is_flag=True, help="Fetch sources anew, also where an attempt is unsure.")
@by_option
@journal_option
@format_option
def retry(
    names: tuple[str, ...],
    anew: bool,
    by: str | None,
    journal: str,
    form: str,
    **filter_options: Any,
) -> None:
    """Deliver parked or waiting ones now: those named, or all parked ones chosen.

    Counts of attempts begin anew. What may have been written already is looked for first.

    \b
    erpmap queue retry 12 13
    erpmap queue retry --cause 1f3a5c7e9b2d
    erpmap queue retry --tenant dodici --reason throttled
    """
    from ...journal.change import retry_deliveries
    from ...journal.states import DeliveryState
    from .change import DeliverySelection, change_deliveries

    selection = DeliverySelection(names, delivery_filter(filter_options), DeliveryState.PARKED)
    change_deliveries(
        journal,
        selection,
        (partial(retry_deliveries, anew=anew), "due now"),
        operator_action(by, None),
        form=form,
    )


@queue.command()
@names_argument
@filter_options
@click.option("--because", metavar="WORDS", help="Why, for those who look later.")
@by_option
@journal_option
@format_option
def park(
    names: tuple[str, ...], because: str | None, by: str | None, journal: str, form: str, **filter_options: Any
) -> None:  # fmt: skip
    """Keep waiting deliveries from being tried, until they are retried or resolved.

    \b
    erpmap queue park 12 --because "the customer calls back"
    """
    from ...journal.change import park_deliveries
    from ...journal.states import DeliveryState
    from .change import DeliverySelection, change_deliveries

    selection = DeliverySelection(names, delivery_filter(filter_options), DeliveryState.WAITING)
    change_deliveries(
        journal, selection, (park_deliveries, "parked"), operator_action(by, because), form=form
    )


@queue.command()
@names_argument
@filter_options
@click.option("--because", metavar="WORDS", required=True, help="What was done about it.")
@by_option
@journal_option
@format_option
def resolve(
    names: tuple[str, ...],
    because: str,
    by: str | None,
    journal: str,
    form: str,
    **filter_options: Any,
) -> None:
    """End parked deliveries that a person has seen to; nothing is posted for them any more.

    The next delivery of the same order goes on.

    \b
    erpmap queue resolve 12 --because "entered by hand as SO-4711"
    """
    from ...journal.change import resolve_deliveries
    from ...journal.states import DeliveryState
    from .change import DeliverySelection, change_deliveries

    selection = DeliverySelection(names, delivery_filter(filter_options), DeliveryState.PARKED)
    change_deliveries(
        journal,
        selection,
        (resolve_deliveries, "resolved"),
        operator_action(by, because),
        form=form,
    )


@queue.command()
@filter_options
@click.option("--documents", is_flag=True, help="With events, sources and payloads in full.")
@journal_option
def export(documents: bool, journal: str, **filter_options: Any) -> None:
    """Write deliveries with all about them as lines of JSON: all, or those chosen.

    \b
    erpmap queue export --since 2026-11-01 > november.jsonl
    """
    from .list import export_deliveries as write

    write(journal, delivery_filter(filter_options), documents=documents)


@queue.command()
@name_argument
@click.option(
    "--mapping",
    type=click.Choice(("then", "now")),
    default="then",
    show_default=True,
    help="With the mapping as it was, or as it is.",
)
@click.option("--attempt", type=click.IntRange(min=1), help="This attempt, not the last.")
@journal_option
@format_option
@click.pass_obj
def replay(
    root: Path, name: str, mapping: str, attempt: int | None, journal: str, form: str
) -> None:
    """Render a delivery again from what it was given; nothing is posted.

    With the mapping of then, the payloads are those that were sent, byte for byte; what the mapping
    of now would make different is shown below. A tranDate that moved out of a closed period was sent
    on another day: that is said.

    \b
    erpmap queue replay 12
    erpmap queue replay DO000000101 --mapping now

    Exit codes: 0 the payloads are those that were sent, 1 they differ.
    """
    from .replay import ReplayRequest
    from .replay import replay as render

    render(journal, root, ReplayRequest(name, mapping, attempt), form)


for command in (audit, purge, erase, restored):
    queue.add_command(command)
