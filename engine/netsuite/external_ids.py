"""External ids that NetSuite can find again; two that differ stay two.

In an address NetSuite takes letters, digits, `_` and `-` after `eid:`, and reads `|` as a
separator (netsuite.md §1.3). Every other character becomes `_xHEX_`, as XML names are commonly
encoded; an underscore that could be taken for the beginning of one is encoded itself.
"""

from __future__ import annotations

import re

# What is longer is no name of anything, and an address or a query would have to hold it.
LONGEST_ID = 300
_UNSAFE = re.compile(r"_(?=x[0-9A-F])|[^A-Za-z0-9_-]")


def safe_id(text: str) -> str:
    """The id as NetSuite is given it: `SO-#1001` becomes `SO-_x23_1001`."""
    return _UNSAFE.sub(lambda match: f"_x{ord(match[0]):02X}_", text)
