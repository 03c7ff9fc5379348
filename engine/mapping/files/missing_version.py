"""The fix of a file that does not declare the version of the language. Pure."""

from __future__ import annotations

import re

from ...findings.diagnostics import Fix
from ...findings.fixes import insert_text
from ...findings.quote import suggest
from .grammar import LANGUAGE_VERSION
from .nodes import MapNode

_VERSION_KEY = "erpmap"
_BLANK = re.compile(r" *")


def fix_version(root: MapNode) -> Fix | None:
    """Return the fix that begins the map of a file with its version.

    None for a map of another form, and where a key is the misspelled one.
    """
    if any(suggest(entry.name, (_VERSION_KEY,)).only for entry in root.entries):
        return None
    place, content = root.place, root.place.text.content
    declared = f"{_VERSION_KEY}: {LANGUAGE_VERSION}"
    title = f"declare `{declared}`"
    if content.startswith("{", place.offset):
        comma = ", " if root.entries else ""
        return insert_text(place.shifted(1, 1), f"{declared}{comma}", title)
    before = content[place.offset - place.column + 1 : place.offset]
    if not _BLANK.fullmatch(before):
        return None
    newline = "\r\n" if "\r\n" in content else "\n"
    return insert_text(place, f"{declared}{newline}{before}", title)
