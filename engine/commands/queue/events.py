"""What `queue list --events` and `queue show ORDER` print about events without a delivery of their own."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...findings.diagnostics import Finding
from ...journal.events import EventFilter, UndeliveredEvent, count_undelivered, list_undelivered
from ...journal.pack import unpack
from ...orders.report.excerpt import clean
from ..exit import exit_with_findings
from ..output.terminal import console, print_json
from . import time_text
from .open_journal import open_existing_journal

# Events of one order that are shown.
MAX_EVENTS_OF_ORDER = 50


def show_events(url: str, choice: EventFilter, *, after: int, most: int, form: str) -> None:
    """Print a page of the selected events, and how many there are."""
    with open_existing_journal(url) as journal:
        found = journal.run_blocking(lambda c: list_undelivered(c, choice, after=after, most=most))
        total = journal.run_blocking(lambda c: count_undelivered(c, choice))
    next_ = found[-1].id if len(found) == most else None
    if form == "json":
        print_json(
            {"events": [event_document(event) for event in found], "chosen": total, "next": next_}
        )
        return
    if found:
        _print_table(found)
    click.echo(f"{len(found):,} of {total:,} events without a delivery of their own", err=True)
    if next_ is not None and total > len(found):
        click.echo(f"more: --after {next_}", err=True)


def show_undelivered(
    found: Sequence[UndeliveredEvent], name: str, *, document: str | None, form: str
) -> None:
    """Print the events of an order without a delivery, or their documents as they arrived."""
    if document == "event":
        documents = [unpack(event.document) for event in found if event.document is not None]
        if documents:
            print_json(documents[0] if len(documents) == 1 else documents)
            return
    if document is not None:
        hint = "the order has no delivery" if document == "payload" else "it was purged or erased"
        exit_with_findings(
            [Finding("E1104", f"the journal keeps no {document} of order {name}", hint=hint)], form
        )
    if form == "json":
        print_json({"events": [event_document(event) for event in found]})
    else:
        print_events(found)


def print_events(found: Sequence[UndeliveredEvent]) -> None:
    """Print a line for each event."""
    for event in found:
        times = "1 time" if event.arrivals == 1 else f"{event.arrivals:,} times"
        head = f"event {event.id} · order {event.order} · {event.tenant} · {event.name}: "
        arrivals = f"arrived {times}, first {time_text.format_moment(event.received_at)}, "
        console().print(
            Text(
                clean(
                    f"{head}{arrivals}{event.fate}: {event.reason or 'the journal keeps no reason'}"
                )
            )
        )


def event_document(event: UndeliveredEvent) -> dict[str, object]:
    """Return an event as a JSON object."""
    return {**event.row(), "received_at": time_text.format_iso(event.received_at)}


def _print_table(found: Sequence[UndeliveredEvent]) -> None:
    table = Table(box=SIMPLE)
    for heading in ("id", "tenant", "order", "event", "fate", "arrivals", "first", "reason"):
        table.add_column(heading, overflow="fold")
    for event in found:
        table.add_row(
            str(event.id),
            clean(event.tenant),
            clean(event.order),
            clean(event.name),
            event.fate.value,
            f"{event.arrivals:,}",
            time_text.format_moment(event.received_at),
            clean(event.reason or ""),
        )
    console().print(table)
