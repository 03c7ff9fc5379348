"""A table as a JSON document, and back: it stores the answers of live lookups with an order.

Pure. A stored table gives no hints for missing keys, because the known keys are not stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .build import index_table
from .origin import Origin
from .table import Options, Row, Table


def table_to_document(table: Table) -> dict[str, object]:
    """Return `keys`, `value`, and the rows of each level, as JSON's kinds."""
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
    """Return the table of a document; `options` are those of its lookup."""
    keys = tuple(document["keys"])
    levels = {int(count): tuple(map(_row, rows)) for count, rows in document["levels"].items()}
    own = replace(options, key=keys, value=document["value"])
    longest = levels[max(levels)] if levels else ()
    return replace(
        index_table(Table(name=name, keys=keys, rows=longest, options=own), levels, Origin(None)),
        known=(),
    )


def _row(cells: Sequence[Any]) -> Row:
    key, value, number = cells
    return Row(tuple(key), value, number)
