"""The orders that an earlier integration has already posted: a CSV file that a tenant names.

Column `order` holds their ids, or the numbers that people use. A row applies to the events of a
newly placed order. With a column `event` it applies to that event only, and `order` is the id of
the event's subject, such as a return. Pure: the caller has read the file.
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
# The events of a newly placed order. Later events of a posted order, such as a cancellation or a
# return, are delivered.
PLACED = ("order.opened", "order.created")
_KEY_LENGTH = 200
_MOST_FINDINGS = 100
# The id of an event's subject is `id`; people use the number of an order (newstore.md §2.7).
_NAMES = ("id", "external_id")


@dataclass(frozen=True, slots=True)
class PostedOrders:
    """The events that were posted before: pairs of an event name and an id. `file` lists them."""

    file: str
    pairs: frozenset[tuple[str, str]]

    def has(self, event: object) -> bool:
        """Return whether the subject of an event was posted before."""
        payload = event.get("payload") if isinstance(event, Mapping) else None
        if not isinstance(event, Mapping) or not isinstance(payload, Mapping):
            return False
        name = str(event.get("name"))
        ids = (payload.get(key) for key in _NAMES)
        return any(isinstance(id_, str) and (name, id_) in self.pairs for id_ in ids)


NOTHING = PostedOrders("", frozenset())


def read_posted_orders(text: SourceText, wanted: Collection[str]) -> PostedOrders:
    """Read the orders that a file lists; `wanted` are the events that the tenant's mappings accept.

    Raise SpecError with every finding: what `read_csv` raises, a column missing (E0606) or
    unknown (E0607), an id missing or too long (E0608), a duplicate id (E0602), too many ids
    (E0609), an event that no mapping accepts (E0207).
    """
    if text.content.count("\n") > MAX_ORDERS + 1:
        message = f"the file lists more than {MAX_ORDERS:,} orders"
        hint = "list only those placed around the go-live; `events.from` excludes older ones"
        raise _posted_orders_error(text, [Finding("E0609", message, Place(text), hint=hint)])
    lines = read_csv(text.name, text)
    findings = [*_check_columns(lines)] or [*_check_events(lines, wanted), *_check_ids(lines)]
    if findings:
        raise _posted_orders_error(text, findings[:_MOST_FINDINGS])
    return PostedOrders(text.name, frozenset(pair for _, pair in _list_pairs(lines)))


def _check_columns(lines: CsvLines) -> Iterator[Finding]:
    place = lines.origin.place
    if ORDER not in lines.header:
        hint = "the column holds the id of an order, or the number that people use"
        yield Finding("E0606", f"there is no column {quoted(ORDER)}", place, hint=hint)
    for name in lines.header:
        if name not in (ORDER, EVENT):
            near = did_you_mean(name, (ORDER, EVENT), otherwise=f"there are {ORDER} and {EVENT}")
            yield Finding("E0607", f"the column {quoted(name)} is not known", place, hint=near)


def _check_events(lines: CsvLines, wanted: Collection[str]) -> Iterator[Finding]:
    """Find rows that no event can match: a misspelt event would post an order twice."""
    if EVENT not in lines.header:
        if not set(PLACED) & set(wanted) and lines.rows:
            message = f"no mapping accepts {' or '.join(PLACED)}"
            hint = f"add a column {quoted(EVENT)} with the event of each row"
            yield Finding("E0207", message, lines.origin.place, hint=hint)
        return
    at = lines.header.index(EVENT)
    for number, cells in lines.rows:
        if cells[at] and cells[at] not in wanted:
            accepted = f"they accept {', '.join(sorted(wanted))}"
            near = did_you_mean(cells[at], wanted, otherwise=accepted)
            message = f"no mapping accepts the event {quoted(cells[at])}"
            yield Finding("E0207", message, lines.origin.place_at(number), hint=near)


def _check_ids(lines: CsvLines) -> Iterator[Finding]:
    """Find ids that are missing, too long, or duplicated."""
    at = lines.header.index(ORDER)
    for number, cells in lines.rows:
        if not 0 < len(cells[at]) <= _KEY_LENGTH:
            message = f"the row has no id of at most {_KEY_LENGTH} characters"
            hint = "write the id of an order, or delete the row"
            yield Finding("E0608", message, lines.origin.place_at(number), hint=hint)
    seen: dict[tuple[str, str], int] = {}
    doubled: dict[int, tuple[str, int]] = {}
    for number, pair in _list_pairs(lines):
        if pair[1] and (first := seen.setdefault(pair, number)) != number:
            doubled.setdefault(number, (pair[1], first))
    for number, (id_, first) in doubled.items():
        hint = f"line {first} has it already; keep one of them"
        yield Finding(
            "E0602", f"{quoted(id_)} appears twice", lines.origin.place_at(number), hint=hint
        )


def _list_pairs(lines: CsvLines) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield the pairs of each row, with its line number."""
    order = lines.header.index(ORDER)
    event = lines.header.index(EVENT) if EVENT in lines.header else None
    for number, cells in lines.rows:
        named = cells[event] if event is not None else ""
        for name in (named,) if named else PLACED:
            yield number, (name, cells[order])


def _posted_orders_error(text: SourceText, findings: list[Finding]) -> SpecError:
    return SpecError(f"{text.name} cannot be used", findings)
