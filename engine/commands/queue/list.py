"""What `queue list`, `show` and `export` do: look, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator

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
from ..output.terminal import print_data, print_json
from ..selection import stop_with
from . import time_text as moments
from .events import MOST_OF_ORDER, event_document, print_events, show_undelivered
from .open_journal import journal_at, one_of, tell_no_such_reason
from .report import (
    cause_document,
    listed_document,
    print_causes,
    print_counts,
    print_listed,
    print_whole,
    whole_document,
)
from .stored_documents import moved_words, moves_in, why_absent

_PAGE = 500


def show_list(url: str, choice: DeliveryFilter, *, after: int, most: int, form: str) -> None:
    """Print a page of the deliveries chosen, and how many there are."""
    with journal_at(url) as journal:
        found = journal.run_blocking(lambda c: list_deliveries(c, choice, after=after, most=most))
        total = journal.run_blocking(lambda c: count_deliveries(c, choice))
        counts = journal.run_blocking(
            lambda c: count_by_state(c, DeliveryFilter(tenant=choice.tenant))
        )
        fates = journal.run_blocking(count_by_fate)
        if not found:
            tell_no_such_reason(journal, choice.reason)
    unrouted = {
        name: of[EventFate.UNROUTED] for name, of in fates.items() if EventFate.UNROUTED in of
    }
    next_ = found[-1].id if len(found) == most else None
    if form == "json":
        deliveries = [listed_document(one) for one in found]
        document = {"deliveries": deliveries, "chosen": total, "next": next_, "counts": counts}
        print_json({**document, "unrouted_events": unrouted})
        return
    if found:
        print_listed(found, moments.now())
    _say(f"{len(found):,} of {total:,} deliveries; all there are:")
    print_counts(counts)
    ignored = sum(of.get(EventFate.IGNORED, 0) for of in fates.values())
    if ignored:
        _say(f"{ignored:,} events were ignored: `erpmap queue list --events`")
    for name, count in unrouted.items():
        _say(f"{name}: {count:,} events wait for mappings that can run")
    if next_ is not None and total > len(found):
        _say(f"more: --after {next_}")


def show_causes(url: str, choice: DeliveryFilter, form: str) -> None:
    """Print why deliveries are parked, the most frequent cause first."""
    with journal_at(url) as journal:
        found = journal.run_blocking(lambda c: count_by_cause(c, choice))
        if not found:
            tell_no_such_reason(journal, choice.reason)
    if form == "json":
        print_json([cause_document(one) for one in found])
        return
    if found:
        print_causes(found, moments.now())
    _say(f"{sum(one.count for one in found):,} parked for {len(found):,} causes")


def show_one(url: str, name: str, *, document: str | None, attempt: int | None, form: str) -> None:
    """Print one delivery; or the `document` asked for: its event, or the payload it sent.

    Of an order whose events began none, print these.
    """
    with journal_at(url) as journal:
        events = _of_no_delivery(journal, name)
        if events:
            show_undelivered(events, name, document=document, form=form)
            return
        one = _whole(journal, name, form)
        others = journal.run_blocking(
            lambda c: list_others_of_order(c, one.listed.event, MOST_OF_ORDER)
        )
    if document is not None:
        print_json(_document(one, document, attempt, form))
    elif form == "json":
        documents = [event_document(event) for event in others]
        print_json(whole_document(one) | {"other_events": documents})
    else:
        print_whole(one)
        print_events(others)


def export(url: str, choice: DeliveryFilter, *, documents: bool) -> None:
    """Print all deliveries chosen, each a line of JSON, with all about them."""
    with journal_at(url) as journal:
        for listed in _pages(journal, choice):
            one = _kept(journal, listed.id)
            if one is not None:
                line = whole_document(one) | (_documents(one) if documents else {})
                print_data(write_json_bytes(line) + b"\n")


def _of_no_delivery(journal: Writer, name: str) -> list[UndeliveredEvent]:
    """The events of an order none of which has begun a delivery."""
    if journal.run_blocking(lambda c: find_ids(c, name)):
        return []
    return journal.run_blocking(
        lambda c: list_undelivered(c, EventFilter(order=name), most=MOST_OF_ORDER)
    )


def _pages(journal: Writer, choice: DeliveryFilter) -> Iterator[ListedDelivery]:
    found = _page(journal, choice, 0)
    while found:
        yield from found
        found = _page(journal, choice, found[-1].id)


def _page(journal: Writer, choice: DeliveryFilter, after: int) -> list[ListedDelivery]:
    return journal.run_blocking(lambda c: list_deliveries(c, choice, after=after, most=_PAGE))


def _kept(journal: Writer, id_: int) -> DeliveryHistory | None:
    return journal.run_blocking(lambda c: read_history(c, id_))


def _whole(journal: Writer, name: str, form: str) -> DeliveryHistory:
    one = _kept(journal, one_of(journal, name, form))
    assert one is not None
    return one


def _document(one: DeliveryHistory, document: str, attempt: int | None, form: str) -> object:
    """The event, or the payloads of the attempt asked for, else of the last that had any.

    Payloads are as they were rendered; a day that was sent in place of theirs is said beside them.
    """
    packed = one.event["document"]
    if document != "event":
        asked = [at for at in one.attempts if attempt in (None, at["number"])]
        last = next((at for at in reversed(asked) if at["payloads"]), None)
        packed = None if last is None else last["payloads"]
        if last is not None and (moved := moves_in(last)):
            _say(f"as rendered; {moved_words(moved)}")
    if packed is None:
        words = f"delivery {one.listed.id} has no {document} that is kept"
        stop_with([Finding("E1104", words, hint=why_absent(one))], form)
    return unpack(packed)


def _documents(one: DeliveryHistory) -> dict[str, object]:
    """The event and what the attempts were given and sent, in full."""
    kept = one.event["document"]
    return {
        "event_document": None if kept is None else unpack(kept),
        "attempt_documents": [
            {
                name: None if attempt[name] is None else unpack(attempt[name])
                for name in ("pinned", "payloads")
            }
            for attempt in one.attempts
        ],
    }


def _say(words: str) -> None:
    click.echo(words, err=True)
