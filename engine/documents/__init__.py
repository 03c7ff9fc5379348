"""JSON documents, read and written without losing a digit.

`read_json` and `write_json` are the two doors, each with a twin for bytes;
numbers are int and Decimal, and an untouched number is written as it was read.
"""

from __future__ import annotations

from .fast import is_plain
from .numbers import WrittenDecimal, WrittenInt, numeric, written
from .places import place_of
from .read import decode_json, read_json, read_json_bytes
from .shape import MAX_CHARACTERS
from .write import write_json, write_json_bytes

__all__ = [
    "MAX_CHARACTERS",
    "WrittenDecimal",
    "WrittenInt",
    "decode_json",
    "is_plain",
    "numeric",
    "place_of",
    "read_json",
    "read_json_bytes",
    "write_json",
    "write_json_bytes",
    "written",
]
