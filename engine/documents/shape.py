"""The outer shape of a JSON text, checked before the text is parsed.

Pure, linear in time and without recursion: a hostile text is refused before the
parser builds anything from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from ..findings.diagnostics import Finding, SourceText
from .places import place_of

MAX_DEPTH = 200
# The next two bounds keep one document's text and values below 100 MB of memory; an order of
# 2,000 lines has about 4 MB and 150,000 values.
MAX_CHARACTERS = 10_000_000
MAX_VALUES = 500_000

TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_STRUCTURE = re.compile(r"[^\[\]{},]+")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1, ",": 0}


def check_size(size: int, name: str) -> Finding | None:
    """Return the finding (E0507) for a document of `size` bytes or characters, if it is too large."""
    if size <= MAX_CHARACTERS:
        return None
    return Finding(
        "E0507",
        f"{name} is larger than {MAX_CHARACTERS // 1_000_000} MB",
        hint="request less at once: fewer entries, or fewer fields of each",
    )


def check_structure(text: SourceText) -> Finding | None:
    """Return the finding for a text nested too deeply (E0506) or with too many values (E0507)."""
    structure = _NOT_STRUCTURE.sub("", _STRING.sub("", text.content))
    if max(accumulate(map(_STEP.__getitem__, structure)), default=0) > MAX_DEPTH:
        return _depth_finding(text)
    values = len(structure) - structure.count("]") - structure.count("}")
    if values > MAX_VALUES:
        return Finding(
            "E0507",
            f"{text.name} holds more than {MAX_VALUES:,} values",
            hint="request less at once: fewer entries, or fewer fields of each",
        )
    return None


def _depth_finding(text: SourceText) -> Finding:
    offset = next(offset for offset, depth in _depths(text.content) if depth > MAX_DEPTH)
    return Finding(
        "E0506",
        f"the document is nested deeper than {MAX_DEPTH} levels",
        place_of(text, offset),
        hint="no document for erpmap is nested like this; check the system that sent it",
    )


def _depths(content: str) -> Iterator[tuple[int, int]]:
    depth = 0
    for token in TOKEN.finditer(content):
        depth += _STEP.get(token[0], 0)
        yield token.start(), depth
