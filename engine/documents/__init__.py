"""JSON documents, read and written without losing a digit.

`read_json` and `write_json` are the two doors; numbers are int and Decimal,
and an untouched number is written as it was read.
"""

from __future__ import annotations

from .numbers import WrittenDecimal, WrittenInt, numeric, written
from .places import place_of
from .reading import decode_json, read_json
from .shape import MAX_CHARACTERS
from .writing import write_json

__all__ = [
    "MAX_CHARACTERS",
    "WrittenDecimal",
    "WrittenInt",
    "decode_json",
    "numeric",
    "place_of",
    "read_json",
    "write_json",
    "written",
]
