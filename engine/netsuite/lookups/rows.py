"""Assigns NetSuite's rows to keys, and builds tables of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...findings.diagnostics import Finding
from ...findings.errors import ExpressionError, SpecError
from ...findings.quote import quoted, shortened
from ...mapping.lookups import INACTIVE, Columns, Table, build_table, key_text
from ...mapping.plan import LiveLookup
from .query_keys import LookupKey

Row = Mapping[str, object]
Rows = tuple[Row, ...]

# More rows for one key change nothing: it is ambiguous.
_MOST_ROWS = 50
_MOST_FINDINGS = 100
_QUERIED_TABLE = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_INACTIVE = "NetSuite has it, but it is inactive: make it active there"


@dataclass(frozen=True, slots=True)
class LookupQuestion:
    """A query, the column that holds the key, and whether case matters. Orders share it."""

    query: str
    column: str
    ignore_case: bool


def build_question(live: LiveLookup) -> LookupQuestion:
    """Return the question of a lookup in NetSuite."""
    assert live.query is not None
    assert live.columns is not None
    return LookupQuestion(live.query, live.columns.keys[0], live.options.ignore_case)


def group_rows(
    question: LookupQuestion, keys: Iterable[LookupKey], rows: Sequence[Row]
) -> dict[LookupKey, Rows]:
    """Return the rows of each key; a key that was not found has none.

    Raise SpecError (E0606) for a row without the column of the key.
    """
    by_text: dict[str, list[Row]] = {}
    for row in rows:
        of_key = by_text.setdefault(_read_key(question, row), [])
        if len(of_key) < _MOST_ROWS:
            of_key.append(row)
    return {key: tuple(by_text.get(key.text, ())) for key in keys}


def is_miss(rows: Rows) -> bool:
    """Whether no row is usable: the record may exist soon."""
    return all(map(_is_inactive, rows))


def build_lookup_table(
    live: LiveLookup, wanted: Iterable[tuple[LookupKey, ...]], answers: Mapping[LookupKey, Rows]
) -> tuple[Table, tuple[Finding, ...]]:
    """Return the table of the answers, the same as from a file with the rows that are used.

    Of each entry of `wanted`, the first key with an answer counts. A key with several different answers
    is a finding (E0613) and left out; inactive rows are left out. The table holds a remark on both, for
    the finding of a missing key. Raise SpecError as `build_table` does.
    """
    columns = live.columns
    assert columns is not None
    used: dict[str, Row] = {}
    remarks: dict[tuple[str, ...], str] = {}
    findings: dict[str, Finding] = {}
    for keys in wanted:
        for key in keys:
            found = _select_distinct(answers[key], columns)
            if len(found) > 1:
                remark = f"NetSuite has {len(found)} answers for it: {_format_rows(found)}"
                findings[key.text] = _ambiguous_key(live, key, found)
                remarks[(keys[0].text,)] = remark
            elif found:
                used[key.text] = {columns.keys[0]: key.text, **found[0]}
            elif answers[key]:
                remarks[(keys[0].text,)] = _INACTIVE
            if found:
                break
    value = columns.values[0] if len(columns.values) == 1 else None
    options = replace(live.options, key=columns.keys, value=value)
    table = build_table(live.name, list(used.values()), options, place=live.at.place)
    table = replace(table, remarks=remarks, remedy=_describe_remedy(live, columns))
    return table, tuple(findings.values())[:_MOST_FINDINGS]


def _describe_remedy(live: LiveLookup, columns: Columns) -> str:
    """Return the hint for a key that NetSuite has no row for: the record that the query reads."""
    read = _QUERIED_TABLE.search(live.query or "")
    record = f" {quoted(read[1])}" if read else ""
    return f"the query finds no{record} by {quoted(columns.keys[0])} in NetSuite: create it there"


def _read_key(question: LookupQuestion, row: Row) -> str:
    try:
        return key_text(row.get(question.column), ignore_case=question.ignore_case)
    except ExpressionError as error:
        message = f"a row of NetSuite's answer has no column {quoted(question.column)}"
        columns = shortened(", ".join(row), 100) or "nothing"
        finding = Finding("E0606", message, hint=f"it has {columns}; null columns are left out")
        raise SpecError(message, [finding]) from error


def _is_inactive(row: Row) -> bool:
    return row.get(INACTIVE) == "T"


def _select_distinct(rows: Rows, columns: Columns) -> list[Row]:
    """Return the different answers in active rows; NetSuite leaves null columns out."""
    found: list[Row] = []
    for row in rows:
        answer = {column: row.get(column) for column in columns.values}
        if not _is_inactive(row) and answer not in found:
            found.append(answer)
    return found


def _ambiguous_key(live: LiveLookup, key: LookupKey, found: list[Row]) -> Finding:
    message = f"the lookup {quoted(live.name)} has {len(found)} answers for {quoted(key.text)}"
    hint = f"{_format_rows(found)}: let the query tell them apart, or correct NetSuite"
    return Finding("E0613", message, place=live.at.place, hint=hint)


def _format_rows(found: list[Row]) -> str:
    """Return the answers in words, by their first column, most often the id."""
    answers = (shortened(str(next(iter(row.values()))), 20) for row in found[:4])
    return " and ".join(answers) + (" and more" if len(found) > 4 else "")
