"""Formats the journal: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...findings.quote import shortened
from ...journal.audit import AuditReport
from ...journal.deliveries import DeliveryHistory, ListedDelivery, ParkedCause
from ...journal.file_check import FileDamage
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
    """Print a row for each delivery."""
    table = _table(
        "id", "tenant", "order", "mapping", "state", "attempts", "changed", "due", "reason"
    )
    for delivery in found:
        why = ": ".join(part for part in (delivery.reason, delivery.words) if part)
        table.add_row(
            str(delivery.id),
            clean(delivery.tenant),
            clean(delivery.order),
            clean(delivery.mapping),
            delivery.state.value,
            str(delivery.attempts),
            f"{time_text.format_age(delivery.changed_at, at)} ago",
            time_text.format_moment(delivery.due_at),
            clean(shortened(why, _MAX_WORDS_LENGTH)),
            style=COLOURS[delivery.state],
        )
    console().print(table)


def print_causes(found: Sequence[ParkedCause], at: int) -> None:
    """Print a row for each cause of parked deliveries."""
    table = _table("cause", "parked", "tenant", "mapping", "reason", "since", "example", "message")
    for cause in found:
        table.add_row(
            cause.cause or "",
            str(cause.count),
            clean(cause.tenant),
            clean(cause.mapping),
            clean(cause.reason or ""),
            f"{time_text.format_age(cause.first_at, at)} ago",
            str(cause.example),
            clean(shortened(cause.words or "", _MAX_WORDS_LENGTH)),
        )
    console().print(table)


def cause_document(cause: ParkedCause) -> dict[str, object]:
    """Return a cause as a JSON object."""
    return _with_moments({name: getattr(cause, name) for name in cause.__slots__})


def print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Print a line for each tenant: how many deliveries are in each state."""
    for name, states in counts.items():
        words = ", ".join(f"{count:,} {state}" for state, count in states.items())
        console().print(Text(clean(f"{name}: {words}")))


def print_history(history: DeliveryHistory) -> None:
    """Print a delivery with its event, its records in NetSuite, its attempts and what people did."""
    listed, target = history.listed, console()
    head = f"delivery {listed.id} · order {listed.order} · {listed.tenant} · {listed.mapping}: "
    target.print(Text.assemble(clean(head), (listed.state.value, COLOURS[listed.state])))
    for name, value in _facts(history):
        target.print(Text(clean(f"  {name.ljust(10)} {value}")))
    if listed.posted:
        target.print(_records_table(listed.posted))
    target.print(_attempts_table(history.attempts))
    if history.acts:
        target.print(_actions_table(history.acts))


def history_document(history: DeliveryHistory) -> dict[str, object]:
    """Return a delivery's history as a JSON object; of documents only the size."""
    return {
        **listed_document(history.listed),
        "event": _row_document(history.event),
        "attempts": [_row_document(attempt) for attempt in history.attempts],
        "acts": [_row_document(act) for act in history.acts],
    }


def listed_document(delivery: ListedDelivery) -> dict[str, object]:
    """Return a delivery of a list as a JSON object."""
    return _with_moments(delivery.document())


def print_audit(found: AuditReport | None, damage: Sequence[FileDamage]) -> None:
    """Print a row for each check, then the counts of events and deliveries, and the file's damage."""
    if found is not None:
        _print_checks(found)
    for damaged in damage:
        what = "the indexes of" if damaged.is_index_only else "the rows of"
        words = f"the file is damaged: {what} {damaged.table}: {damaged.words}"
        console().print(Text(words, style="bold red"))
        console().print(Text(f"  help: {damaged.hint}"))


def _print_checks(found: AuditReport) -> None:
    table = _table("checked", "what must hold", "count", "failed", "examples")
    for check in found.results:
        examples = ", ".join(map(str, check.examples))
        style = "green" if check.holds else "bold red"
        mark = "✓" if check.holds else "✗"
        table.add_row(f"{mark} {check.of}", check.name, f"{check.count:,}", f"{check.off:,}", examples, style=style)  # fmt: skip
    target = console()
    target.print(table)
    events, deliveries = sum(found.fates.values()), sum(found.states.values())
    target.print(f"{found.arrivals:,} arrivals of {events:,} events: {_format_counts(found.fates)}")
    target.print(f"{deliveries:,} deliveries: {_format_counts(found.states)}")
    verdict = (
        "everything adds up"
        if found.holds
        else "the journal does not add up: see the rows marked ✗"
    )
    target.print(Text(verdict, style="bold green" if found.holds else "bold red"))


def audit_document(found: AuditReport | None, damage: Sequence[FileDamage]) -> dict[str, object]:
    """Return the checks, the counts and the damage as a JSON object; without checks if none could run."""
    damaged = [
        {
            "table": one.table,
            "words": one.words,
            "is_index_only": one.is_index_only,
            "hint": one.hint,
        }
        for one in damage
    ]
    if found is None:
        return {"holds": False, "damage": damaged}
    return {
        "holds": found.holds and not damage,
        "damage": damaged,
        "arrivals": found.arrivals,
        "events": found.fates,
        "deliveries": found.states,
        "checks": [
            {
                "of": check.of,
                "must": check.name,
                "count": check.count,
                "off": check.off,
                "examples": list(check.examples),
            }
            for check in found.results
        ],
    }


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _facts(history: DeliveryHistory) -> Iterable[tuple[str, str]]:
    listed, event = history.listed, history.event
    arrivals = event["arrivals"]
    yield (
        "event",
        f"{event['id']}  {event['name']}  {time_text.format_moment(event['received_at'])}"
        + (f"  arrived {arrivals} times" if arrivals > 1 else ""),
    )
    yield "identity", listed.identity
    if listed.reason or listed.words:
        yield "reason", ": ".join(part for part in (listed.reason, listed.words) if part)
    if listed.cause:
        yield "cause", listed.cause
    if listed.due_at is not None:
        yield "due", time_text.format_moment(listed.due_at)
    if listed.is_unsure:
        yield "unsure", "a record may have been written: the next attempt looks it up first"


def _records_table(posted: Sequence[Mapping[str, Any]]) -> Table:
    moves = [_describe_move(record) for record in posted]
    table = _table("in NetSuite", "id", "external id", "how", *(["moved"] if any(moves) else []))
    for record, moved in zip(posted, moves, strict=True):
        cells = [record["record"], record["id"], record["external_id"] or "", record["how"]]
        cells += [moved] if any(moves) else []
        table.add_row(*(clean(str(cell)) for cell in cells))
    return table


def _attempts_table(attempts: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("attempt", "started", "duration", "state", "version", "NetSuite", "reason")
    for attempt in attempts:
        ended = attempt["ended_at"]
        why = ": ".join(part for part in (attempt["reason"], attempt["words"]) if part)
        table.add_row(
            str(attempt["number"]),
            time_text.format_moment(attempt["started_at"]),
            "" if ended is None else f"{ended - attempt['started_at']:,} ms",
            attempt["state"] or "running, or interrupted",
            (attempt["version"] or "")[:12],
            clean(", ".join(_describe_answers(attempt["answers"]))),
            clean(shortened(why, _MAX_WORDS_LENGTH)),
        )
    return table


def _describe_answers(answers: bytes | None) -> Iterable[str]:
    document: Any = [] if answers is None else unpack(answers)
    for record in document:
        statuses = [
            f"HTTP {answer['status']}" if answer["status"] else str(answer["class"])
            for answer in record["answers"]
        ]
        moved = _describe_move(record)
        ended = record["how"] or record["stopped"] or ""
        yield " ".join([record["record"], *statuses, ended, *([f"({moved})"] if moved else [])])


def _describe_move(record: Mapping[str, Any]) -> str:
    """Describe the tranDate sent in place of one in a closed period; older journals hold none."""
    moved = record.get("moved")
    return f"tranDate {moved['to']} instead of {moved['from']}" if moved else ""


def _actions_table(acts: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("at", "by", "action", "reason")
    for action in acts:
        words = clean(action["words"] or "")
        table.add_row(
            time_text.format_moment(action["at"]), clean(action["by"]), action["act"], words
        )
    return table


def _row_document(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a row of the journal as a JSON object: answers in full, of other documents the size."""
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
