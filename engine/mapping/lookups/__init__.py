"""Lookups: tables from shop values to ledger values, inline, YAML, CSV and JSON.

Pure: the caller has read the files. A YAML file becomes a table by `build_table`;
TABLE_READERS holds the readers of the other files, by suffix.
"""

from __future__ import annotations

from .build import build_table
from .files import CsvLines, read_csv, read_csv_table, read_json_table
from .find import find_row, format_key, look_up
from .rows import Columns, choose_columns, missing_column_message
from .table import INACTIVE, NO_DEFAULT, Options, Row, Table, key_text
from .table_document import table_from_document, table_to_document
from .unfilled import UNFILLED, has_unfilled_rows, is_unfilled

TABLE_READERS = {".csv": read_csv_table, ".json": read_json_table}

__all__ = [
    "INACTIVE",
    "NO_DEFAULT",
    "TABLE_READERS",
    "UNFILLED",
    "Columns",
    "CsvLines",
    "Options",
    "Row",
    "Table",
    "build_table",
    "choose_columns",
    "find_row",
    "format_key",
    "has_unfilled_rows",
    "is_unfilled",
    "key_text",
    "look_up",
    "missing_column_message",
    "read_csv",
    "read_csv_table",
    "read_json_table",
    "table_from_document",
    "table_to_document",
]
