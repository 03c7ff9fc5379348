"""Rows as maps from column to value, and the choice of key and value columns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...findings.diagnostics import Finding, Place
from ...findings.errors import ExpressionError
from ...findings.quote import nearest, quoted
from .origin import Origin
from .table import Options, Row, key_text

# The number of a row within its origin, and the row.
Record = tuple[int, object]

_MOST_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class Columns:
    """The key columns and the value columns; a single value column gives bare values."""

    keys: tuple[str, ...]
    values: tuple[str, ...]


def choose_columns(
    name: str, present: tuple[str, ...], options: Options, *, place: Place | None
) -> tuple[Columns, tuple[Finding, ...]]:
    """Choose key and value columns; each missing column is a finding (E0606).

    Without declared keys the first column is the key; without a declared value
    all remaining columns are values.
    """
    keys = options.key or present[:1]
    remaining = tuple(column for column in present if column not in keys)
    values = remaining if options.value is None else (options.value,)
    wanted = (*keys, *(values or ("value",)))
    missing = (column for column in wanted if column not in present)
    findings = tuple(missing_column_finding(name, column, present, place) for column in missing)
    return Columns(keys, values), findings


def read_rows(
    name: str, records: Iterable[Record], columns: Columns, *, origin: Origin
) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """Return the rows of records, and a finding (E0608) for every broken record."""
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, record in records:
        try:
            rows.append(_row(number, record, columns))
        except ExpressionError as error:
            message = f"{origin.label(number)} of the lookup {quoted(name)}: {error}"
            findings.append(Finding("E0608", message, origin.place_at(number), hint=error.hint))
    return tuple(rows), tuple(findings)


def list_columns(rows: Iterable[object]) -> tuple[str, ...]:
    """Return the columns of all rows, each once, in the order of their first appearance."""
    return tuple(dict.fromkeys(column for row in rows for column in _columns(row)))


def missing_column_finding(
    name: str, column: str, present: tuple[str, ...], place: Place | None
) -> Finding:
    """Return the finding (E0606) for a column that does not exist."""
    known = ", ".join(map(quoted, present[:_MOST_COLUMNS])) or "none"
    more = f" and {len(present) - _MOST_COLUMNS} more" if len(present) > _MOST_COLUMNS else ""
    near = nearest(column, present)
    rename = f"{quoted(near)} is there: write one name in both places;" if near else ""
    return Finding(
        "E0606",
        missing_column_message(name, column),
        place,
        hint=f"{rename} its columns are {known}{more}".strip(),
    )


def missing_column_message(name: str, column: str) -> str:
    """Return the message of the finding for a column that does not exist."""
    return f"the lookup {quoted(name)} has no column {quoted(column)}"


def _row(number: int, record: object, columns: Columns) -> Row:
    """Return the row of a record; raise ExpressionError when it is not a map or lacks a part of its key."""
    if not isinstance(record, Mapping):
        raise ExpressionError("E0608", "it is not a map", hint="a row is a map: column to value")
    key = tuple(_cell(record, column) for column in columns.keys)
    values = {column: record.get(column) for column in columns.values}
    return Row(key, values if len(values) > 1 else values[columns.values[0]], number)


def _cell(record: Mapping[str, object], column: str) -> str:
    value = record.get(column)
    if value is None or value == "":
        raise ExpressionError(
            "E0608", f"{quoted(column)} is empty", hint="write * in a key column to match any value"
        )
    return key_text(value, ignore_case=False)


def _columns(row: object) -> Iterator[str]:
    return map(str, row) if isinstance(row, Mapping) else iter(())
