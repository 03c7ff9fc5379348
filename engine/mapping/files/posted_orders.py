"""The orders that an earlier integration has already posted: a CSV file that a tenant names.

A column `order` has their ids, or their numbers as people know them. A row is about the events that
tell of an order that was placed; with a column `event` it is about that event only, and `order` is
the id of what the event is about, such as a return. Pure: whoever calls has read the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import SpecError
from ...findings.quote import did_you_mean, quoted
from ..lookups import CsvLines, read_csv

MAX_ORDERS = 100_000
ORDER, EVENT = "order", "event"
# The events that tell of an order that was placed. What happens to it later is another matter:
# a cancellation or a return of it is delivered.
PLACED = ("order.opened", "order.created")
_KEY_LENGTH = 200
_MOST_FINDINGS = 100
# An event calls what it is about `id`; people call an order by its number (newstore.md §2.7).
_NAMES = ("id", "external_id")


@dataclass(frozen=True, slots=True)
class PostedOrders:
    """What was posted before: pairs of an event's name and an id. `file` is where it is said."""

    file: str
    pairs: frozenset[tuple[str, str]]

    def has(self, event: object) -> bool:
        """Whether an event is about something that was posted before."""
        payload = event.get("payload") if isinstance(event, Mapping) else None
        if not isinstance(event, Mapping) or not isinstance(payload, Mapping):
            return False
        name = str(event.get("name"))
        ids = (payload.get(key) for key in _NAMES)
        return any(isinstance(id_, str) and (name, id_) in self.pairs for id_ in ids)


NOTHING = PostedOrders("", frozenset())


def read_posted_orders(text: SourceText, wanted: Collection[str]) -> PostedOrders:
    """The orders that a file lists; `wanted` are the events that the tenant's mappings want.

    Raise SpecError with every finding: what `read_csv` raises, a column missing (E0606) or
    not known (E0607), an id missing or too long (E0608), one that stands twice (E0602), too many
    of them (E0609), an event that no mapping wants (E0207).
    """
    if text.content.count("\n") > MAX_ORDERS + 1:
        message = f"the file lists more than {MAX_ORDERS:,} orders"
        hint = "list those that were placed around going live; `events.from` leaves older ones out"
        raise _refusal(text, [Finding("E0609", message, Place(text), hint=hint)])
    lines = read_csv(text.name, text)
    findings = [*_columns(lines)] or [*_events(lines, wanted), *_doubtful(lines)]
    if findings:
        raise _refusal(text, findings[:_MOST_FINDINGS])
    return PostedOrders(text.name, frozenset(pair for _, pair in _pairs(lines)))


def _columns(lines: CsvLines) -> Iterator[Finding]:
    place = lines.origin.place
    if ORDER not in lines.header:
        hint = "it holds the id of an order, or its number as people know it"
        yield Finding("E0606", f"there is no column {quoted(ORDER)}", place, hint=hint)
    for name in lines.header:
        if name not in (ORDER, EVENT):
            near = did_you_mean(name, (ORDER, EVENT), otherwise=f"there are {ORDER} and {EVENT}")
            yield Finding("E0607", f"the column {quoted(name)} is not known", place, hint=near)


def _events(lines: CsvLines, wanted: Collection[str]) -> Iterator[Finding]:
    """Rows that would never be about anything: what is misspelt would let an order through."""
    if EVENT not in lines.header:
        if not set(PLACED) & set(wanted) and lines.rows:
            message = f"no mapping wants {' or '.join(PLACED)}"
            hint = f"say in a column {quoted(EVENT)} which event each row is about"
            yield Finding("E0207", message, lines.origin.place, hint=hint)
        return
    at = lines.header.index(EVENT)
    for number, cells in lines.rows:
        if cells[at] and cells[at] not in wanted:
            there = f"they want {', '.join(sorted(wanted))}"
            near = did_you_mean(cells[at], wanted, otherwise=there)
            message = f"no mapping wants the event {quoted(cells[at])}"
            yield Finding("E0207", message, lines.origin.place_at(number), hint=near)


def _doubtful(lines: CsvLines) -> Iterator[Finding]:
    """Ids that are missing, too long to be one, or there twice."""
    at = lines.header.index(ORDER)
    for number, cells in lines.rows:
        if not 0 < len(cells[at]) <= _KEY_LENGTH:
            message = f"the row has no id of at most {_KEY_LENGTH} characters"
            hint = "write the id of an order, or take the row out"
            yield Finding("E0608", message, lines.origin.place_at(number), hint=hint)
    seen: dict[tuple[str, str], int] = {}
    doubled: dict[int, tuple[str, int]] = {}
    for number, pair in _pairs(lines):
        if pair[1] and (first := seen.setdefault(pair, number)) != number:
            doubled.setdefault(number, (pair[1], first))
    for number, (id_, first) in doubled.items():
        hint = f"line {first} says it already; keep one of them"
        yield Finding(
            "E0602", f"{quoted(id_)} stands twice", lines.origin.place_at(number), hint=hint
        )


def _pairs(lines: CsvLines) -> Iterator[tuple[int, tuple[str, str]]]:
    """The pairs of each row, with its line."""
    order = lines.header.index(ORDER)
    event = lines.header.index(EVENT) if EVENT in lines.header else None
    for number, cells in lines.rows:
        said = cells[event] if event is not None else ""
        for name in (said,) if said else PLACED:
            yield number, (name, cells[order])


def _refusal(text: SourceText, findings: list[Finding]) -> SpecError:
    return SpecError(f"{text.name} cannot be used", findings)
