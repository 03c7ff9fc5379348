"""Stubs of missing rows: lines for the tenant's CSV files, and lines to add by hand elsewhere."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...findings.diagnostics import SourceText, TextEdit
from ...findings.errors import ErpmapError, ReadError
from ...mapping.files.folder import MAX_LOOKUP_BYTES
from ...mapping.load import LoadedTenant
from ...mapping.lookups import UNFILLED, Table, key_text, look_up, read_csv_table
from ...mapping.plan import Plan
from ...run import MissingRow
from ..file_changes import FileChange, read_original
from .gaps import Gap

_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z_-]*")
# Words that YAML may take for something else than a text.
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


@dataclass(slots=True)
class Stubs:
    """The changes of CSV files, and for other tables where to add which lines."""

    changes: list[FileChange] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)


def make_stubs(
    gaps: Iterable[Gap], loaded: LoadedTenant, plans: Sequence[Plan], root: Path
) -> Stubs:
    """Make the stubs of all rows that the tables of a tenant lack; live lookups have no rows to add."""
    tables = {plan.name: plan.tables for plan in plans}
    by_table: dict[str, tuple[Table, dict[tuple[str, ...], MissingRow]]] = {}
    for gap in gaps:
        table = None if gap.row is None else tables.get(gap.mapping, {}).get(gap.row.lookup)
        if gap.row is None or gap.row.is_unfilled or table is None:
            continue
        folded = tuple(key_text(k, ignore_case=table.options.ignore_case) for k in gap.row.key)
        home = f"{table.home} {table.name}"
        by_table.setdefault(home, (table, {}))[1].setdefault(folded, gap.row)
    stubs = Stubs()
    for table, rows in by_table.values():
        keys = [row.key for row in rows.values()]
        change = _change_file(table, keys, loaded, root)
        if change is None:
            where = table.home or f"the lookup {table.name}"
            stubs.lines[where] = [_write_line(table, key) for key in keys]
        else:
            stubs.changes.append(change)
    return stubs


def _change_file(
    table: Table, keys: Sequence[tuple[str, ...]], loaded: LoadedTenant, root: Path
) -> FileChange | None:
    """Return the change of the tenant's CSV file; None where the table is not in one, or a key does not fit."""
    text = table.origin.lines_of
    shown = "" if text is None else text.name
    paths = {path: it.name for path, it in loaded.texts.items() if it.name == shown}
    own = [path for path in paths if path.startswith(f"{loaded.name}/")]
    if not own:
        return None
    path = root / own[0]
    try:
        original = read_original(
            path, root / loaded.name, limit=MAX_LOOKUP_BYTES, name=paths[own[0]]
        )
    except ReadError:
        return None
    content = original.text.content
    added = _write_rows(table, keys, content)
    if not _is_read_back(table, keys, content + added):
        return None
    end = len(content)
    return original.change([TextEdit(text=original.text, start=end, end=end, new=added)])


def _write_rows(table: Table, keys: Sequence[tuple[str, ...]], content: str) -> str:
    """Write rows with the line ends and quotes of the file; they begin on a new line."""
    end = "\r\n" if "\r\n" in content else "\n"
    is_quoted = content.lstrip("\ufeff").startswith('"') and ',"' in content
    rows = io.StringIO()
    writer = csv.writer(
        rows, lineterminator=end, quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    )
    for key in keys:
        cells = dict(zip(table.keys, key, strict=False))
        writer.writerow(cells.get(column, UNFILLED) for column in table.origin.columns)
    start = "" if not content or content.endswith("\n") else end
    return start + rows.getvalue()


def _is_read_back(table: Table, keys: Sequence[tuple[str, ...]], content: str) -> bool:
    """Whether the written text is a table that has each key: some keys fit into no cell."""
    try:
        read = read_csv_table(table.name, SourceText("", content), table.options)
        exact = {row.key for row in read.rows}
        return all(key in exact and look_up(read, key) is not None for key in keys)
    except ErpmapError:
        return False


def _write_line(table: Table, key: tuple[str, ...]) -> str:
    """Return a row as it stands in a table of YAML or JSON: an entry of a map, or of a list of rows."""
    if table.origin.lines_of is not None:
        return ", ".join([*map(_write_key, key), UNFILLED])
    if any(row.number for row in table.rows):
        value = table.rows[0].value
        others = list(value) if isinstance(value, Mapping) else [table.options.value or "value"]
        cells = [f"{name}: {_write_key(cell)}" for name, cell in zip(table.keys, key, strict=False)]
        return "- {" + ", ".join([*cells, *(f"{name}: {UNFILLED}" for name in others)]) + "}"
    *outer, last = map(_write_key, key)
    return "".join(f"{each}: {{" for each in outer) + f"{last}: {UNFILLED}" + "}" * len(outer)


def _write_key(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key) and key.lower() not in _RESERVED:
        return key
    return json.dumps(key, ensure_ascii=False)
