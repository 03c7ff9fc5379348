"""Maps, and maps within maps, as rows: one level for each key. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from ...findings.diagnostics import Finding, Place
from ...findings.quote import quoted
from .rows import missing_column_finding
from .table import ANY, MAX_KEYS, MAX_ROWS, Key, Options, Row

Map = Mapping[object, object]


def flatten_levels(data: Map, options: Options) -> dict[int, tuple[Row, ...]]:
    """Return the rows of a map for each number of keys; in total at most one more than allowed.

    With declared keys there is one number. Otherwise there are as many keys as levels
    of maps, and with fewer keys the remaining map is the result.
    """
    declared = len(options.key) or (1 if options.value is not None else 0)
    counts = [declared] if declared else range(1, min(measure_depth(data), MAX_KEYS) + 1)
    levels: dict[int, tuple[Row, ...]] = {}
    room = MAX_ROWS + 1
    for count in counts:
        levels[count] = tuple(islice(_walk_entries(data, (), count), room))
        room -= len(levels[count])
    return levels


def measure_depth(value: object, *, most: int = MAX_KEYS + 1) -> int:
    """Return the number of levels of nested maps, the outermost included, counted up to `most`."""
    if not isinstance(value, Mapping) or most == 0:
        return 0
    return 1 + max((measure_depth(member, most=most - 1) for member in value.values()), default=0)


def pick_column(
    name: str, rows: tuple[Row, ...], column: str, *, place: Place | None
) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """Return the rows with only member `column` of each value; a finding where it is missing."""
    picked: list[Row] = []
    findings: list[Finding] = []
    for row in rows:
        if not isinstance(row.value, Mapping):
            message = f"the entry {quoted(row.key[0])} of the lookup {quoted(name)} is not a map"
            hint = f"`value: {column}` picks a member of each entry; leave it out"
            findings.append(Finding("E0608", message, place, hint=hint))
        elif column not in row.value:
            findings.append(missing_column_finding(name, column, tuple(map(str, row.value)), place))
        else:
            picked.append(Row(row.key, row.value[column]))
    return tuple(picked), tuple(findings)


def _walk_entries(value: object, key: Key, count: int) -> Iterator[Row]:
    """Yield the rows below `key`; a single value applies to all deeper keys."""
    if len(key) == count or not isinstance(value, Mapping):
        yield Row(key + (ANY,) * (count - len(key)), value)
        return
    for name, member in value.items():
        yield from _walk_entries(member, (*key, str(name)), count)
