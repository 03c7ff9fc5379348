"""JSON documents, read and written without losing a digit.

`read_json` and `write_json` are the entry points, each with a variant for bytes.
Numbers are int and Decimal; an unchanged number is written as it was read.
"""

from __future__ import annotations

from .fast import is_plain
from .numbers import WrittenDecimal, WrittenInt, format_as_written, is_numeric
from .places import place_of
from .read import decode_json, read_json, read_json_bytes
from .shape import MAX_CHARACTERS
from .write import write_json, write_json_bytes

__all__ = [
    "MAX_CHARACTERS",
    "WrittenDecimal",
    "WrittenInt",
    "decode_json",
    "format_as_written",
    "is_numeric",
    "is_plain",
    "place_of",
    "read_json",
    "read_json_bytes",
    "write_json",
    "write_json_bytes",
]
