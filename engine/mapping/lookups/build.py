"""Plain data becomes a table: a map, maps within maps, or a list of rows.

Pure. All findings of a table are raised at once, as a SpecError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from ...findings.diagnostics import Finding, Place
from ...findings.errors import SpecError
from ...findings.quote import quoted
from .find import format_key
from .maps import Map, flatten_levels, pick_column
from .origin import Origin
from .rows import Record, choose_columns, list_columns, read_rows
from .table import ANY, MAX_KEYS, MAX_ROWS, Key, KeyPattern, Options, Row, Table, key_text

_MAX_FINDINGS = 100
_PLAIN = Options()


def build_table(
    name: str, data: object, options: Options = _PLAIN, *, place: Place | None = None
) -> Table:
    """Build the table of a map or a list of rows, as in `values:`, YAML and JSON files.

    Each level of a map is one key; a single value applies to all deeper keys.
    A map without declared keys accepts any number of keys: a map that remains
    is the result. `place` is the place of the data. Raise SpecError: two rows
    for one key (E0602), neither map nor list (E0605), a column missing (E0606),
    a broken row (E0608), too large (E0609).
    """
    origin = Origin(place)
    if isinstance(data, Mapping):
        return _table_of_map(name, data, options, origin=origin)
    if isinstance(data, list | tuple):
        return _table_of_list(name, data, options, origin=origin)
    finding = Finding(
        "E0605",
        f"the lookup {quoted(name)} is neither a map nor a list of rows",
        place,
        hint="write it as `key: value`, or as a list of maps with the same keys",
    )
    raise table_error(name, [finding])


def build_table_of_records(
    name: str,
    records: Iterable[Record],
    *,
    present: tuple[str, ...],
    options: Options,
    origin: Origin,
) -> Table:
    """Build the table of rows with the columns `present`; raises what `build_table` raises."""
    columns, missing = choose_columns(name, present, options, place=origin.place)
    if missing:
        raise table_error(name, missing)
    rows, broken = read_rows(name, records, columns, origin=origin)
    if broken:
        raise table_error(name, broken)
    table = Table(name=name, keys=columns.keys, rows=rows, options=options)
    return index_table(table, {len(columns.keys): rows}, origin)


def check_size(name: str, rows: int, *, place: Place | None) -> None:
    """Raise SpecError (E0609) when a table has more rows than it may."""
    if rows > MAX_ROWS:
        message = f"the lookup {quoted(name)} has more than {MAX_ROWS:,} entries"
        hint = "split it; if it is a map of maps, name its keys with `key:`"
        raise table_error(name, [Finding("E0609", message, place, hint=hint)])


def table_error(name: str, findings: Iterable[Finding]) -> SpecError:
    """Return the exception with the first hundred findings about a table."""
    return SpecError(f"the lookup {quoted(name)} cannot be used", islice(findings, _MAX_FINDINGS))


def _table_of_list(name: str, data: Sequence[object], options: Options, *, origin: Origin) -> Table:
    if not data:  # a live lookup without any result
        table = Table(name=name, keys=options.key, rows=(), options=options)
        return index_table(table, {max(1, len(options.key)): ()}, origin)
    check_size(name, len(data), place=origin.place)
    return build_table_of_records(
        name,
        enumerate(data, start=1),
        present=list_columns(data),
        options=options,
        origin=origin,
    )


def _table_of_map(name: str, data: Map, options: Options, *, origin: Origin) -> Table:
    levels = flatten_levels(data, options)
    check_size(name, sum(map(len, levels.values())), place=origin.place)
    if options.value is not None:
        (count, rows), *_ = levels.items()
        picked, findings = pick_column(name, rows, options.value, place=origin.place)
        if findings:
            raise table_error(name, findings)
        levels = {count: picked}
    table = Table(name=name, keys=options.key, rows=levels[max(levels)], options=options)
    return index_table(table, levels, origin)


def index_table(table: Table, levels: Mapping[int, tuple[Row, ...]], origin: Origin) -> Table:
    """Return the table with the patterns of its rows at every level."""
    if len(table.keys) > MAX_KEYS:
        message = f"the lookup {quoted(table.name)} has more than {MAX_KEYS} keys"
        hint = "name fewer columns under `key:`"
        raise table_error(table.name, [Finding("E0609", message, origin.place, hint=hint)])
    patterns: dict[int, tuple[KeyPattern, ...]] = {}
    findings: list[Finding] = []
    for count, rows in levels.items():
        patterns[count], twice = group_patterns(table.name, rows, table.options, origin=origin)
        findings.extend(twice)
    if findings:
        raise table_error(table.name, findings)
    known = tuple(sorted(row.key for row in table.rows))
    return replace(table, patterns=patterns, known=known, origin=origin)


_INDEXING_MAX_FINDINGS = 100


def group_patterns(
    name: str, rows: Iterable[Row], options: Options, *, origin: Origin
) -> tuple[tuple[KeyPattern, ...], tuple[Finding, ...]]:
    """Group rows by the columns in which they are exact, the most specific pattern first.

    More exact cells come first; between equally many, those in earlier columns.
    A row whose key an earlier row has is a finding (E0602).
    """
    groups: dict[tuple[int, ...], dict[Key, Row]] = {}
    findings: list[Finding] = []
    for row in rows:
        exact = tuple(column for column, cell in enumerate(row.key) if cell != ANY)
        cells = tuple(key_text(row.key[i], ignore_case=options.ignore_case) for i in exact)
        first = groups.setdefault(exact, {}).setdefault(cells, row)
        if first is not row and len(findings) < _INDEXING_MAX_FINDINGS:
            findings.append(_duplicate_finding(name, first, row, origin))
    ordered = sorted(groups, key=lambda exact: (-len(exact), exact))
    return tuple(KeyPattern(exact, groups[exact]) for exact in ordered), tuple(findings)


def _duplicate_finding(name: str, first: Row, row: Row, origin: Origin) -> Finding:
    earlier = origin.label(first.number) if first.number else format_key(first.key)
    again = f", {origin.label(row.number)} again" if row.number and not origin.lines_of else ""
    return Finding(
        "E0602",
        f"the lookup {quoted(name)} has two rows for {format_key(row.key)}",
        origin.place_at(row.number),
        hint=f"{earlier} has this key already{again}; keep one of them",
    )
