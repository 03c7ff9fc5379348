"""A JSON file becomes a table: a map, maps within maps, or a list of rows. Pure."""

from __future__ import annotations

from ...documents import read_json
from ...findings.diagnostics import Place, SourceText
from .building import build_table
from .table import Options, Table


def table_from_json(name: str, text: SourceText, options: Options) -> Table:
    """The table of a JSON text; raise ReadError (E05xx) or SpecError (as `build_table`)."""
    return build_table(name, read_json(text), options, place=Place(text))
