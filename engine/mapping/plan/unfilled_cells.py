"""Finds the cells of a table that a person still has to fill in: no order is sent with their mark. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from ...documents import place_of
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.quote import quoted
from ..files.nodes import Node, list_scalars
from ..files.parse_yaml import read_yaml
from ..lookups import UNFILLED, Table, has_unfilled_rows, is_unfilled

_HINT = "fill it in, or delete the row: an order that needs it is refused then"
_IN_JSON = re.compile(rf'"{UNFILLED}"(?!\s*:)')
_MAX_FINDINGS = 100


def find_unfilled(table: Table, written: Node | SourceText, default: Node | None) -> list[Finding]:
    """Return a finding (E0622) for each cell that still has the mark UNFILLED, the first hundred at most.

    `written` is where the table is written: a block of a mapping, or the text of its file; of a CSV file
    each row has one finding. `default` is the default in the mapping.
    """
    if not has_unfilled_rows(table):
        return []
    places = [*islice(_list_places(table, written), _MAX_FINDINGS), *_list_marked(default)]
    message = f"a cell of the lookup {quoted(table.name)} still says {UNFILLED}"
    return [Finding("E0622", message, place, hint=_HINT) for place in places]


def _list_places(table: Table, written: Node | SourceText) -> Iterator[Place | None]:
    if not isinstance(written, SourceText):
        yield from _list_marked(written)
    elif table.origin.lines_of is not None:
        yield from (table.origin.place_at(it.number) for it in table.rows if is_unfilled(it.value))
    elif PurePosixPath(written.name).suffix.lower() == ".json":
        for found in _IN_JSON.finditer(written.content):
            yield place_of(written, found.start(), len(found.group()))
    else:
        yield from _list_marked(read_yaml(written))


def _list_marked(node: Node | None) -> Iterator[Place]:
    scalars = () if node is None else list_scalars(node)
    return (scalar.place for scalar in scalars if scalar.value == UNFILLED)
