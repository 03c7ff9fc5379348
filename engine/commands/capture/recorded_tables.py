"""The recorded answers of live lookups of one order: only the rows that it looks up, with pseudonyms. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...documents import write_json
from ...findings.diagnostics import SourceText
from ...mapping.lookups import Row, Table
from ...mapping.plan import LiveLookup, Plan
from ...mapping.plan.compile_lookups import read_table
from ...orders.pseudonyms import Pseudonyms


def anonymise_tables(
    tables: Mapping[str, SourceText],
    plans: Iterable[Plan],
    looked_up: Collection[str],
    pseudonyms: Pseudonyms,
) -> dict[str, SourceText]:
    """Return the tables of live lookups with the rows of the keys that were looked up. Raise FindingsError."""
    lookups = {live.name: live for plan in plans for live in plan.live_lookups}
    wanted = {key.strip().casefold() for key in looked_up}
    return {
        name: _anonymise_table(lookups[name], text, wanted, pseudonyms)
        for name, text in tables.items()
        if name in lookups
    }


def _anonymise_table(
    live: LiveLookup, text: SourceText, wanted: Collection[str], pseudonyms: Pseudonyms
) -> SourceText:
    table = read_table(live.name, text, live.options)
    rows = [row for row in _list_rows(table) if all(_is_wanted(part, wanted) for part in row.key)]
    answers: dict[str, Any] = {}
    for row in rows:
        inner = answers
        for part in row.key[:-1]:
            inner = inner.setdefault(str(pseudonyms.anonymise(part)), {})
        inner[str(pseudonyms.anonymise(row.key[-1]))] = _anonymise_value(row.value, pseudonyms)
    return SourceText(f"{live.name}.json", write_json(answers or [], indent=2) + "\n")


def _list_rows(table: Table) -> list[Row]:
    if not table.patterns:
        return []
    return [row for each in table.patterns[max(table.patterns)] for row in each.rows.values()]


def _is_wanted(part: str, wanted: Collection[str]) -> bool:
    return part == "*" or part.strip().casefold() in wanted


def _anonymise_value(value: object, pseudonyms: Pseudonyms) -> object:
    if isinstance(value, Mapping):
        return {name: pseudonyms.anonymise_cell(cell, str(name)) for name, cell in value.items()}
    return pseudonyms.anonymise_cell(value, "")
