"""Rows that NetSuite answered become answers to keys, and answers become a table. Pure."""

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

# More rows for one key do not make it more ambiguous.
_MOST_ROWS = 50
_MOST_FINDINGS = 100
_QUERIED_TABLE = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_INACTIVE = "NetSuite has it, but it is inactive: make it active there"


@dataclass(frozen=True, slots=True)
class LookupQuestion:
    """What NetSuite is asked, whoever asks: the query, and how its answers are told apart."""

    query: str
    column: str
    ignore_case: bool


def build_question(live: LiveLookup) -> LookupQuestion:
    """The question of a lookup that NetSuite answers."""
    assert live.query is not None
    assert live.columns is not None
    return LookupQuestion(live.query, live.columns.keys[0], live.options.ignore_case)


def group_rows(
    question: LookupQuestion, keys: Iterable[LookupKey], rows: Sequence[Row]
) -> dict[LookupKey, Rows]:
    """The rows for each key, none for a key that nothing was answered to.

    Raise SpecError (E0606) for a row without the column of the key.
    """
    by_text: dict[str, list[Row]] = {}
    for row in rows:
        of_key = by_text.setdefault(_read_key(question, row), [])
        if len(of_key) < _MOST_ROWS:
            of_key.append(row)
    return {key: tuple(by_text.get(key.text, ())) for key in keys}


def is_miss(rows: Rows) -> bool:
    """Whether nothing usable was answered: it may be there soon."""
    return all(map(_is_inactive, rows))


def build_lookup_table(
    live: LiveLookup, wanted: Iterable[tuple[LookupKey, ...]], answers: Mapping[LookupKey, Rows]
) -> tuple[Table, tuple[Finding, ...]]:
    """The table of the answers: the same as of a list of the rows used, recorded in a file.

    Of each of `wanted` the first key that has an answer counts. A finding (E0613) for a key with
    several different answers; it is left out, and so are inactive rows: the table remarks on both,
    for whoever misses them. Raise SpecError as `build_table` does.
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
    """Where a key has to be that NetSuite has no row for: the record that the query reads."""
    read = _QUERIED_TABLE.search(live.query or "")
    record = f" {quoted(read[1])}" if read else ""
    return f"the query finds no{record} by {quoted(columns.keys[0])} in NetSuite: create it there"


def _read_key(question: LookupQuestion, row: Row) -> str:
    try:
        return key_text(row.get(question.column), ignore_case=question.ignore_case)
    except ExpressionError as error:
        message = f"a row that NetSuite answered has no column {quoted(question.column)}"
        there = shortened(", ".join(row), 100) or "nothing"
        finding = Finding("E0606", message, hint=f"it has {there}; null columns are left out")
        raise SpecError(message, [finding]) from error


def _is_inactive(row: Row) -> bool:
    return row.get(INACTIVE) == "T"


def _select_distinct(rows: Rows, columns: Columns) -> list[Row]:
    """The different answers in rows that may be used; NetSuite leaves null columns out."""
    found: list[Row] = []
    for row in rows:
        answer = {column: row.get(column) for column in columns.values}
        if not _is_inactive(row) and answer not in found:
            found.append(answer)
    return found


def _ambiguous_key(live: LiveLookup, key: LookupKey, found: list[Row]) -> Finding:
    message = f"the lookup {quoted(live.name)} has {len(found)} answers for {quoted(key.text)}"
    hint = f"{_format_rows(found)}: let the query tell them apart, or correct NetSuite"
    return Finding("E0613", message, live.at.place, hint=hint)


def _format_rows(found: list[Row]) -> str:
    """The answers, by their first column, which is most often the id."""
    answers = (shortened(str(next(iter(row.values()))), 20) for row in found[:4])
    return " and ".join(answers) + (" and more" if len(found) > 4 else "")
