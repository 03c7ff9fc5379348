"""A table as a document, and again as a table: what an order was answered, kept to be asked again.

Pure. A miss is told without a hint: the keys that were known then are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .build import index_table
from .origin import Origin
from .table import Options, Row, Table


def table_to_document(table: Table) -> dict[str, object]:
    """All that answers: `keys`, `value`, and the rows of each level, as JSON's kinds."""
    levels = {
        str(count): [
            [list(row.key), row.value, row.number]
            for pattern in patterns
            for row in pattern.rows.values()
        ]
        for count, patterns in table.patterns.items()
    }
    return {"keys": list(table.keys), "value": table.options.value, "levels": levels}


def table_from_document(name: str, document: Mapping[str, Any], options: Options) -> Table:
    """The table of a document. `options` are those of its lookup."""
    keys = tuple(document["keys"])
    levels = {int(count): tuple(map(_row, rows)) for count, rows in document["levels"].items()}
    own = replace(options, key=keys, value=document["value"])
    longest = levels[max(levels)] if levels else ()
    return replace(index_table(Table(name, keys, longest, own), levels, Origin(None)), known=())


def _row(cells: Sequence[Any]) -> Row:
    key, value, number = cells
    return Row(tuple(key), value, number)
