"""What `queue list`, `show` and `export` do: read the journal and print deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ...documents import write_json_bytes
from ...findings.diagnostics import Finding
from ...journal.deliveries import (
    DeliveryFilter,
    DeliveryHistory,
    ListedDelivery,
    count_by_cause,
    count_by_fate,
    count_by_state,
    count_deliveries,
    find_ids,
    list_deliveries,
    read_history,
)
from ...journal.events import (
    EventFate,
    EventFilter,
    UndeliveredEvent,
    list_others_of_order,
    list_undelivered,
)
from ...journal.pack import unpack
from ...journal.writer import Writer
from ..exit import exit_with_findings
from ..output.terminal import print_json, print_json_text
from . import time_text
from .events import MAX_EVENTS_OF_ORDER, event_document, print_events, show_undelivered
from .open_journal import find_delivery, open_existing_journal, warn_of_unknown_reason
from .refusal import find_refused_values, print_refused_values, refused_document
from .report import (
    cause_document,
    history_document,
    listed_document,
    print_causes,
    print_counts,
    print_delivery_table,
    print_history,
)
from .stored_documents import describe_moved_dates, explain_absence, list_moved_dates

_PAGE = 500


def show_list(url: str, choice: DeliveryFilter, *, after: int, most: int, form: str) -> None:
    """Print a page of the selected deliveries, and how many there are."""
    with open_existing_journal(url) as journal:
        found = journal.run_blocking(lambda c: list_deliveries(c, choice, after=after, most=most))
        total = journal.run_blocking(lambda c: count_deliveries(c, choice))
        counts = journal.run_blocking(
            lambda c: count_by_state(c, DeliveryFilter(tenant=choice.tenant))
        )
        fates = journal.run_blocking(count_by_fate)
        if not found:
            warn_of_unknown_reason(journal, choice.reason)
    unrouted = {
        name: of[EventFate.UNROUTED] for name, of in fates.items() if EventFate.UNROUTED in of
    }
    next_ = found[-1].id if len(found) == most else None
    if form == "json":
        deliveries = [listed_document(delivery) for delivery in found]
        document = {"deliveries": deliveries, "chosen": total, "next": next_, "counts": counts}
        print_json({**document, "unrouted_events": unrouted})
        return
    if found:
        print_delivery_table(found, time_text.now())
    _print_note(f"{len(found):,} of {total:,} deliveries; the whole journal:")
    print_counts(counts)
    ignored = sum(of.get(EventFate.IGNORED, 0) for of in fates.values())
    if ignored:
        _print_note(f"{ignored:,} events were ignored: `erpmap queue list --events`")
    for name, count in unrouted.items():
        events = "1 event waits" if count == 1 else f"{count:,} events wait"
        _print_note(f"{name}: {events} until the tenant's mappings are valid")
    if next_ is not None and total > len(found):
        _print_note(f"more: --after {next_}")


def show_causes(url: str, choice: DeliveryFilter, form: str) -> None:
    """Print the causes of parked deliveries, the most frequent first."""
    with open_existing_journal(url) as journal:
        found = journal.run_blocking(lambda c: count_by_cause(c, choice))
        if not found:
            warn_of_unknown_reason(journal, choice.reason)
    if form == "json":
        print_json([cause_document(cause) for cause in found])
        return
    if found:
        print_causes(found, time_text.now())
    _print_note(f"{sum(cause.count for cause in found):,} parked for {len(found):,} causes")


def show_delivery(
    root: Path, url: str, name: str, *, document: str | None, attempt: int | None, form: str
) -> None:
    """Print one delivery, or only its `document`: `event`, or `payload` for the payloads it sent.

    Of a delivery that was refused at values of its payloads, print where these come from, if the mappings
    are in the folder `root`. Print the events of an order without a delivery.
    """
    with open_existing_journal(url) as journal:
        events = _undelivered_events(journal, name)
        if events:
            show_undelivered(events, name, document=document, form=form)
            return
        history = _require_history(journal, name, form)
        other_events = journal.run_blocking(
            lambda c: list_others_of_order(c, history.listed.event, MAX_EVENTS_OF_ORDER)
        )
    if document is not None:
        print_json(_stored_document(history, document, attempt, form))
        return
    refused = find_refused_values(root, history)
    if form == "json":
        documents = [event_document(event) for event in other_events]
        more = {"other_events": documents, "refused_values": refused_document(refused)}
        print_json(history_document(history) | more)
        return
    print_history(history)
    if refused is not None:
        print_refused_values(refused)
    print_events(other_events)


def export_deliveries(url: str, choice: DeliveryFilter, *, documents: bool) -> None:
    """Print all selected deliveries with their attempts, each as a line of JSON."""
    with open_existing_journal(url) as journal:
        for listed in _pages(journal, choice):
            history = _read_history(journal, listed.id)
            if history is not None:
                line = history_document(history) | (_all_documents(history) if documents else {})
                print_json_text(write_json_bytes(line) + b"\n")


def _undelivered_events(journal: Writer, name: str) -> list[UndeliveredEvent]:
    """Return the events of an order without a delivery; empty when it has one."""
    if journal.run_blocking(lambda c: find_ids(c, name)):
        return []
    return journal.run_blocking(
        lambda c: list_undelivered(c, EventFilter(order=name), most=MAX_EVENTS_OF_ORDER)
    )


def _pages(journal: Writer, choice: DeliveryFilter) -> Iterator[ListedDelivery]:
    found = _page(journal, choice, 0)
    while found:
        yield from found
        found = _page(journal, choice, found[-1].id)


def _page(journal: Writer, choice: DeliveryFilter, after: int) -> list[ListedDelivery]:
    return journal.run_blocking(lambda c: list_deliveries(c, choice, after=after, most=_PAGE))


def _read_history(journal: Writer, id_: int) -> DeliveryHistory | None:
    return journal.run_blocking(lambda c: read_history(c, id_))


def _require_history(journal: Writer, name: str, form: str) -> DeliveryHistory:
    history = _read_history(journal, find_delivery(journal, name, form))
    assert history is not None
    return history


def _stored_document(
    history: DeliveryHistory, document: str, attempt: int | None, form: str
) -> object:
    """Return the event, or the payloads of the given attempt, else of the last that has any.

    Payloads are as they were rendered; a note on stderr names a day that was sent instead.
    """
    packed = history.event["document"]
    if document != "event":
        attempts = [row for row in history.attempts if attempt in (None, row["number"])]
        last = next((row for row in reversed(attempts) if row["payloads"]), None)
        packed = None if last is None else last["payloads"]
        if last is not None and (moved := list_moved_dates(last)):
            _print_note(f"as rendered; {describe_moved_dates(moved)}")
    if packed is None:
        words = f"the journal keeps no {document} of delivery {history.listed.id}"
        exit_with_findings([Finding("E1104", words, hint=explain_absence(history))], form)
    return unpack(packed)


def _all_documents(history: DeliveryHistory) -> dict[str, object]:
    """Return the event, and the inputs and payloads of each attempt, in full."""
    kept = history.event["document"]
    return {
        "event_document": None if kept is None else unpack(kept),
        "attempt_documents": [
            {
                name: None if attempt[name] is None else unpack(attempt[name])
                for name in ("pinned", "payloads")
            }
            for attempt in history.attempts
        ],
    }


def _print_note(words: str) -> None:
    click.echo(words, err=True)
