"""Texts that both databases can hold, whatever an order has in it."""

from __future__ import annotations

import re

# No text on PostgreSQL holds a NUL, and none anywhere half of a surrogate pair.
_UNKEPT = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether both databases hold it as it is."""
    return _UNKEPT.search(text) is None


def storable(text: str) -> str:
    """The text, with JSON's escapes for what not every database holds."""
    return _UNKEPT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
