"""Tables from NewStore values to NetSuite values: inline, YAML, CSV and JSON.

Pure: whoever calls has read the files. A YAML file is a table of plain data,
hence `build_table`; TABLE_READERS names the files that are read from their text.
"""

from __future__ import annotations

from .build import build_table
from .files import CsvLines, lines_from_csv, table_from_csv, table_from_json
from .find import lookup
from .rows import Columns, choose_columns
from .table import INACTIVE, NO_DEFAULT, Options, Row, Table, key_text
from .table_document import document_of, table_from

TABLE_READERS = {".csv": table_from_csv, ".json": table_from_json}

__all__ = [
    "INACTIVE",
    "NO_DEFAULT",
    "TABLE_READERS",
    "Columns",
    "CsvLines",
    "Options",
    "Row",
    "Table",
    "build_table",
    "choose_columns",
    "document_of",
    "key_text",
    "lines_from_csv",
    "lookup",
    "table_from",
    "table_from_csv",
    "table_from_json",
]
