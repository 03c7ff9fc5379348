"""How the journal is shown: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...findings.quote import shortened
from ...journal.audit import AuditReport
from ...journal.deliveries import DeliveryHistory, ListedDelivery, ParkedCause
from ...journal.pack import unpack
from ...journal.states import DeliveryState
from ...orders.report.excerpt import clean
from ..output.terminal import console
from . import time_text

COLOURS = {
    DeliveryState.WAITING: "yellow",
    DeliveryState.HELD: "dim",
    DeliveryState.RUNNING: "cyan",
    DeliveryState.PARKED: "red",
    DeliveryState.DELIVERED: "green",
    DeliveryState.IGNORED: "dim",
    DeliveryState.RESOLVED: "green",
}
_MAX_WORDS_LENGTH = 60
_MOMENT_COLUMNS = (
    "at",
    "first_at",
    "last_at",
    "due_at",
    "created_at",
    "changed_at",
    "received_at",
    "started_at",
    "ended_at",
)
_DOCUMENT_COLUMNS = ("document", "pinned", "payloads")


def print_delivery_table(found: Sequence[ListedDelivery], at: int) -> None:
    """A row for each delivery."""
    table = _table("id", "tenant", "order", "mapping", "state", "tried", "changed", "due", "why")
    for one in found:
        why = ": ".join(part for part in (one.reason, one.words) if part)
        table.add_row(
            str(one.id),
            clean(one.tenant),
            clean(one.order),
            clean(one.mapping),
            one.state.value,
            str(one.attempts),
            f"{time_text.format_age(one.changed_at, at)} ago",
            time_text.format_moment(one.due_at),
            clean(shortened(why, _MAX_WORDS_LENGTH)),
            style=COLOURS[one.state],
        )
    console().print(table)


def print_causes(found: Sequence[ParkedCause], at: int) -> None:
    """A row for each cause, and how to see or retry what has it."""
    table = _table("cause", "parked", "tenant", "mapping", "reason", "since", "e.g.", "why")
    for one in found:
        table.add_row(
            one.cause or "",
            str(one.count),
            clean(one.tenant),
            clean(one.mapping),
            clean(one.reason or ""),
            f"{time_text.format_age(one.first_at, at)} ago",
            str(one.example),
            clean(shortened(one.words or "", _MAX_WORDS_LENGTH)),
        )
    console().print(table)


def cause_document(one: ParkedCause) -> dict[str, object]:
    """A cause as a JSON object."""
    return _with_moments({name: getattr(one, name) for name in one.__slots__})


def print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """A line for each tenant: how many stand where."""
    for name, states in counts.items():
        words = ", ".join(f"{count:,} {state}" for state, count in states.items())
        console().print(Text(clean(f"{name}: {words}")))


def print_history(one: DeliveryHistory) -> None:
    """A delivery with its event, what stands in NetSuite, its attempts and what people did."""
    listed, target = one.listed, console()
    head = f"delivery {listed.id} · order {listed.order} · {listed.tenant} · {listed.mapping}: "
    target.print(Text.assemble(clean(head), (listed.state.value, COLOURS[listed.state])))
    for name, value in _facts(one):
        target.print(Text(clean(f"  {name.ljust(10)} {value}")))
    if listed.posted:
        target.print(_records_table(listed.posted))
    target.print(_attempts_table(one.attempts))
    if one.acts:
        target.print(_actions_table(one.acts))


def history_document(one: DeliveryHistory) -> dict[str, object]:
    """The same as a JSON object; documents are told by their size only."""
    return {
        **listed_document(one.listed),
        "event": _row_document(one.event),
        "attempts": [_row_document(attempt) for attempt in one.attempts],
        "acts": [_row_document(act) for act in one.acts],
    }


def listed_document(one: ListedDelivery) -> dict[str, object]:
    """A delivery of a list as a JSON object."""
    return _with_moments(one.document())


def print_audit(found: AuditReport) -> None:
    """A row for each check, then the sums."""
    table = _table("checked", "what must hold", "count", "off", "e.g.")
    for one in found.results:
        examples = ", ".join(map(str, one.examples))
        style = "green" if one.holds else "bold red"
        mark = "✓" if one.holds else "✗"
        table.add_row(f"{mark} {one.of}", one.name, f"{one.count:,}", f"{one.off:,}", examples, style=style)  # fmt: skip
    target = console()
    target.print(table)
    events, deliveries = sum(found.fates.values()), sum(found.states.values())
    target.print(f"{found.arrivals:,} arrivals of {events:,} events: {_format_counts(found.fates)}")
    target.print(f"{deliveries:,} deliveries: {_format_counts(found.states)}")
    verdict = "everything adds up" if found.holds else "something does not add up"
    target.print(Text(verdict, style="bold green" if found.holds else "bold red"))


def audit_document(found: AuditReport) -> dict[str, object]:
    """The same as a JSON object."""
    return {
        "holds": found.holds,
        "arrivals": found.arrivals,
        "events": found.fates,
        "deliveries": found.states,
        "checks": [
            {
                "of": one.of,
                "must": one.name,
                "count": one.count,
                "off": one.off,
                "examples": list(one.examples),
            }
            for one in found.results
        ],
    }


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _facts(one: DeliveryHistory) -> Iterable[tuple[str, str]]:
    listed, event = one.listed, one.event
    came = event["arrivals"]
    yield (
        "event",
        f"{event['id']}  {event['name']}  {time_text.format_moment(event['received_at'])}"
        + (f"  came {came} times" if came > 1 else ""),
    )
    yield "identity", listed.identity
    if listed.reason or listed.words:
        yield "why", ": ".join(part for part in (listed.reason, listed.words) if part)
    if listed.cause:
        yield "cause", listed.cause
    if listed.due_at is not None:
        yield "due", time_text.format_moment(listed.due_at)
    if listed.is_unsure:
        yield "unsure", "something may have been written: the next attempt looks first"


def _records_table(posted: Sequence[Mapping[str, Any]]) -> Table:
    moves = [_describe_move(one) for one in posted]
    table = _table("in NetSuite", "id", "external id", "how", *(["moved"] if any(moves) else []))
    for one, moved in zip(posted, moves, strict=True):
        cells = [one["record"], one["id"], one["external_id"] or "", one["how"]]
        cells += [moved] if any(moves) else []
        table.add_row(*(clean(str(cell)) for cell in cells))
    return table


def _attempts_table(attempts: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("attempt", "begun", "took", "ended in", "version", "NetSuite", "why")
    for one in attempts:
        ended = one["ended_at"]
        why = ": ".join(part for part in (one["reason"], one["words"]) if part)
        table.add_row(
            str(one["number"]),
            time_text.format_moment(one["started_at"]),
            "" if ended is None else f"{ended - one['started_at']:,} ms",
            one["state"] or "under way, or broken off",
            (one["version"] or "")[:12],
            clean(", ".join(_describe_answers(one["answers"]))),
            clean(shortened(why, _MAX_WORDS_LENGTH)),
        )
    return table


def _describe_answers(answers: bytes | None) -> Iterable[str]:
    document: Any = [] if answers is None else unpack(answers)
    for one in document:
        statuses = [
            f"HTTP {answer['status']}" if answer["status"] else str(answer["class"])
            for answer in one["answers"]
        ]
        moved = _describe_move(one)
        ended = one["how"] or one["stopped"] or ""
        yield " ".join([one["record"], *statuses, ended, *([f"({moved})"] if moved else [])])


def _describe_move(one: Mapping[str, Any]) -> str:
    """The tranDate in place of one whose period was closed; journals of before know of none."""
    moved = one.get("moved")
    return f"tranDate {moved['to']} instead of {moved['from']}" if moved else ""


def _actions_table(acts: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("when", "who", "did", "because")
    for one in acts:
        words = clean(one["words"] or "")
        table.add_row(time_text.format_moment(one["at"]), clean(one["by"]), one["act"], words)
    return table


def _row_document(row: Mapping[str, Any]) -> dict[str, object]:
    """A row of the journal as a JSON object: answers in full, other documents by their size."""
    plain = {
        name: value for name, value in row.items() if name not in (*_DOCUMENT_COLUMNS, "answers")
    }
    sizes = {name: len(row[name]) for name in _DOCUMENT_COLUMNS if row.get(name) is not None}
    if row.get("answers") is not None:
        plain["answers"] = unpack(row["answers"])
    return _with_moments(plain) | ({"packed_bytes": sizes} if sizes else {})


def _with_moments(document: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: time_text.format_iso(value) if name in _MOMENT_COLUMNS else value
        for name, value in document.items()
    }


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
