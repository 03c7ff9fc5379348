"""The version of a mapping: a digest of all that it is made of. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ..files.nodes import MapNode, as_data
from ..lookups import Table


def version_of(facts: object, node: MapNode, tables: Mapping[str, Table]) -> str:
    """The version of a merged mapping with the tenant's `facts` and its tables: 64 digits of SHA-256.

    The facts hold what its queries select and its records are held against, so that another snapshot
    is another version exactly where it matters to the mapping.
    Order counts, as it does in a mapping.
    """
    digest = hashlib.sha256(repr((facts, as_data(node))).encode("utf-8", "surrogatepass"))
    for name, table in tables.items():
        rows = [(row.key, row.value) for row in table.rows]
        table_text = repr((name, table.keys, table.options, rows))
        digest.update(table_text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
