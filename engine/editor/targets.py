"""Where a spot leads: the definitions of a symbol, the header or row of a table, the field of a query. Pure."""

from __future__ import annotations

import re

from ..findings.diagnostics import Place, SourceText
from ..mapping.plan.selection import Selection
from .expression_parts import ExpressionPart
from .facts import MappingFacts
from .mappings import OpenMappings, facts_of
from .occurrences import Spot, find_occurrences

_ROW = re.compile(r"the lookup '(?P<name>[^']*)'\Z")


def find_targets(mappings: OpenMappings, path: str, spot: Spot) -> list[Place]:
    """Return the places that a spot leads to, the definitions of a symbol in all files."""
    symbol, part = spot.symbol, spot.part
    places: list[Place] = []
    if symbol is not None:
        found = find_occurrences(mappings, path, symbol)
        places += [each.place for each in found if each.is_definition]
    # A base mapping reads the table of each tenant.
    for facts in facts_of(mappings.views.values(), path):
        if symbol is not None and symbol.role == "lookup":
            places += _find_header(facts, symbol.name)
        elif symbol is None and part is not None:
            places += _find_in_table(part, facts)
            places += _find_in_query(part, facts)
    return list({(each.text.name, each.line, each.column): each for each in places}.values())


def _find_header(facts: MappingFacts, lookup: str) -> list[Place]:
    table = facts.kept.compiled.draft.tables.get(lookup)
    text = None if table is None else table.origin.lines_of
    return [] if text is None else [Place(text, length=max(1, len(text.line(1))))]


def _find_in_table(part: ExpressionPart, facts: MappingFacts) -> list[Place]:
    """Return the row of a key that is written out, or the column that a member names."""
    tables = facts.kept.compiled.draft.tables
    written = tables.get(part.key_of)
    if written is not None:
        rows = [row for row in written.rows if part.name in row.key]
        places = [written.origin.place_at(row.number) for row in rows]
        return [place for place in places if place is not None]
    named = _ROW.match(part.holder.source)
    table = tables.get(named["name"]) if named is not None else None
    text = None if table is None else table.origin.lines_of
    return [] if text is None else _find_column(text, part.name)


def _find_column(text: SourceText, column: str) -> list[Place]:
    header = text.line(1)
    at = re.search(rf"(?:\A|,)\s*\"?({re.escape(column)})\"?\s*(?=,|\Z)", header)
    return [] if at is None else [Place(text, line=1, column=at.start(1) + 1, length=len(column))]


def _find_in_query(part: ExpressionPart, facts: MappingFacts) -> list[Place]:
    """Return where the queries of the mapping select a field of NewStore; none for another part."""
    places: list[Place] = []
    if not isinstance(part.type.key, Selection):
        return places
    field = part.name
    for source in facts.kept.compiled.draft.sources:
        query = source.query_at
        if query is not None and isinstance(query.value, str):
            at = re.search(rf"\b{re.escape(field)}\b", query.value)
            places += [] if at is None else [query.place_at(at.start(), len(field))]
    return places
