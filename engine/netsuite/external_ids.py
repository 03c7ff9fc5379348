"""External ids that NetSuite can find again, and the ids they were made of.

In an address NetSuite takes letters, digits, `_` and `-` after `eid:`, and reads `|` as a
separator (netsuite.md §1.3). Every other character becomes `_xHEX_`, as XML names are commonly
encoded; an underscore that could be taken for the beginning of one is encoded itself.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"_(?=x[0-9A-F])|[^A-Za-z0-9_-]")
_ENCODED = re.compile(r"_x([0-9A-F]{2,6})_")


def safe_id(text: str) -> str:
    """The id as NetSuite is given it: `SO-#1001` becomes `SO-_x23_1001`."""
    return _UNSAFE.sub(lambda match: f"_x{ord(match[0]):02X}_", text)


def original_id(safe: str) -> str:
    """The id that a safe one was made of."""
    return _ENCODED.sub(lambda match: chr(int(match[1], 16)), safe)
