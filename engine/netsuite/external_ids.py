"""Encodes external ids so that NetSuite can find them again; different ids stay different.

In an address NetSuite accepts letters, digits, `_` and `-` after `eid:`, and reads `|` as a
separator (netsuite.md §1.3). Every other character becomes `_xHEX_`, as XML names are commonly
encoded; an underscore that could begin such a sequence is encoded too.
"""

from __future__ import annotations

import re

# An address or a query has to hold the id; a longer one names nothing.
LONGEST_ID = 300
_UNSAFE = re.compile(r"_(?=x[0-9A-F])|[^A-Za-z0-9_-]")


def safe_id(text: str) -> str:
    """Return the id as NetSuite stores it: `SO-#1001` becomes `SO-_x23_1001`."""
    return _UNSAFE.sub(lambda match: f"_x{ord(match[0]):02X}_", text)
