"""Compare two documents: each place that differs, with the value before and the value now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rich.box import SIMPLE
from rich.table import Table

from ...documents import write_json
from ...findings.quote import shortened
from ...orders.report.excerpt import clean
from .terminal import console

_MAX_ROWS = 200
_MISSING = object()


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """A place such as `[1].body.item.items[0].rate`; the values are JSON, None where there is none."""

    place: str
    before: str | None
    now: str | None

    def document(self) -> dict[str, object]:
        """Return the difference as a JSON object."""
        return {"place": self.place, "before": self.before, "now": self.now}


def find_differences(before: object, now: object, place: str = "") -> Iterator[DocumentDifference]:
    """Yield the differences of two JSON documents; numbers are compared as they are written."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys(chain(before, now)):
            inner = f"{place}.{key}" if place else str(key)
            yield from find_differences(before.get(key, _MISSING), now.get(key, _MISSING), inner)
    elif isinstance(before, list | tuple) and isinstance(now, list | tuple):
        for at in range(max(len(before), len(now))):
            yield from find_differences(_at(before, at), _at(now, at), f"{place}[{at}]")
    elif (old := _as_json(before)) != (new := _as_json(now)):
        yield DocumentDifference(place, old, new)


def print_differences(found: Sequence[DocumentDifference]) -> None:
    """Print a row for each difference on stderr."""
    if not found:
        return
    table = Table(box=SIMPLE)
    for heading in ("place", "sent", "now"):
        table.add_column(heading, overflow="fold")
    for difference in found[:_MAX_ROWS]:
        cells = (difference.place, difference.before, difference.now)
        table.add_row(*(clean(shortened(cell or "", 80)) for cell in cells))
    target = console(stderr=True)
    target.print(table)
    if len(found) > _MAX_ROWS:
        target.print(f"and {len(found) - _MAX_ROWS:,} more; --format json shows all")


def _at(entries: Sequence[object], at: int) -> object:
    return entries[at] if at < len(entries) else _MISSING


def _as_json(value: object) -> str | None:
    return None if value is _MISSING else write_json(value)
