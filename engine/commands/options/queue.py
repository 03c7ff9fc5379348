"""`erpmap queue`: the journal looked at, changed, held to its rules and cleaned, by people."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from .options import format_option
from .queue_options import (
    STATES,
    act_of,
    by_option,
    choice_of,
    chosen,
    event_choice_of,
    listing,
    name_argument,
    names_argument,
)
from .queue_upkeep import audit, erase, purge, restored
from .serve_options import journal_option


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
@chosen
@listing
@journal_option
@format_option
def list_(after: int, limit: int, journal: str, form: str, **chosen: Any) -> None:
    """List deliveries, the oldest first: those that have not ended, or those chosen.

    With --events, what has no delivery: events that a rule ignores, that are the same as another, or
    that wait for their tenant's mappings. --tenant, --order, --since and --reason, which is the rule, choose.

    \b
    erpmap queue list --state parked --tenant dodici
    erpmap queue list --causes
    erpmap queue list --events --reason posted_earlier
    erpmap queue list --all --since 2h --format json
    """
    from ..queue.events import show_events
    from ..queue.listing import show_causes, show_list

    everything, causes, events = (chosen.pop(one) for one in ("everything", "causes", "events"))
    if events:
        show_events(journal, event_choice_of(chosen), after=after, most=limit, form=form)
        return
    if causes:
        show_causes(journal, choice_of(chosen), form)
        return
    if not everything and not chosen["states"] and not chosen["order"]:
        chosen["states"] = STATES[:4]
    show_list(journal, choice_of(chosen), after=after, most=limit, form=form)


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
    from ..queue.listing import show_one

    show_one(journal, name, document=document, attempt=attempt, form=form)


@queue.command()
@names_argument
@chosen
@click.option("--anew", is_flag=True, help="Fetch sources anew, also where an attempt is unsure.")
@by_option
@journal_option
@format_option
def retry(
    names: tuple[str, ...], anew: bool, by: str | None, journal: str, form: str, **chosen: Any
) -> None:
    """Deliver parked or waiting ones now: those named, or all parked ones chosen.

    Counts of attempts begin anew. What may have been written already is looked for first.

    \b
    erpmap queue retry 12 13
    erpmap queue retry --cause 1f3a5c7e9b2d
    erpmap queue retry --tenant dodici --reason throttled
    """
    from ...journal.changing import retry as do
    from ...journal.states import State
    from ..queue.acting import Wish, change

    wish = Wish(names, choice_of(chosen), State.PARKED)
    change(journal, wish, (partial(do, anew=anew), "due now"), act_of(by, None), form=form)


@queue.command()
@names_argument
@chosen
@click.option("--because", metavar="WORDS", help="Why, for those who look later.")
@by_option
@journal_option
@format_option
def park(
    names: tuple[str, ...], because: str | None, by: str | None, journal: str, form: str, **chosen: Any
) -> None:  # fmt: skip
    """Keep waiting deliveries from being tried, until they are retried or resolved.

    \b
    erpmap queue park 12 --because "the customer calls back"
    """
    from ...journal.changing import park as do
    from ...journal.states import State
    from ..queue.acting import Wish, change

    wish = Wish(names, choice_of(chosen), State.WAITING)
    change(journal, wish, (do, "parked"), act_of(by, because), form=form)


@queue.command()
@names_argument
@chosen
@click.option("--because", metavar="WORDS", required=True, help="What was done about it.")
@by_option
@journal_option
@format_option
def resolve(
    names: tuple[str, ...], because: str, by: str | None, journal: str, form: str, **chosen: Any
) -> None:
    """End parked deliveries that a person has seen to; nothing is posted for them any more.

    The next delivery of the same order goes on.

    \b
    erpmap queue resolve 12 --because "entered by hand as SO-4711"
    """
    from ...journal.changing import resolve as do
    from ...journal.states import State
    from ..queue.acting import Wish, change

    wish = Wish(names, choice_of(chosen), State.PARKED)
    change(journal, wish, (do, "resolved"), act_of(by, because), form=form)


@queue.command()
@chosen
@click.option("--documents", is_flag=True, help="With events, sources and payloads in full.")
@journal_option
def export(documents: bool, journal: str, **chosen: Any) -> None:
    """Write deliveries with all about them as lines of JSON: all, or those chosen.

    \b
    erpmap queue export --since 2026-11-01 > november.jsonl
    """
    from ..queue.listing import export as write

    write(journal, choice_of(chosen), documents=documents)


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
    from ..queue.replaying import Asked
    from ..queue.replaying import replay as render

    render(journal, root, Asked(name, mapping, attempt), form)


for command in (audit, purge, erase, restored):
    queue.add_command(command)
