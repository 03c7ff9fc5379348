"""NetSuite's error details: their codes, ours for what only its wording tells, and safe words.

`USER_ERROR` is said of everything; what matters stands in the text (netsuite.md §2.2). The text
may quote values of the record, so people are shown what is known to be harmless: a known wording
with the names of fields, or else the code and the place. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detail:
    """One error: its codes, the most telling one first, and words without any value."""

    codes: tuple[str, ...]
    words: str


# Our code for a wording, and how people are told; {0} is the name of a field or record.
_WORDINGS = (
    (r"already exists", "RECORD_EXISTS", "the record already exists"),
    (
        r"enter value\(s\) for:?\s*([\w ,.()/'-]{1,80})",
        "VALUE_MISSING",
        "a value is missing for {0}",
    ),
    (
        r"invalid field value .{0,500}? for the following field:?\s*([\w .]{1,60})",
        "VALUE_INVALID",
        "the value of {0} is not valid",
    ),
    (r"record type '[^']{0,80}' does not exist", "TYPE_UNKNOWN", "there is no such type of record"),
    (r"role does not have permission", "PERMISSION_MISSING", "the role lacks a permission"),
    (r"\blocked\b", "RECORD_LOCKED", "the record is locked"),
    (r"period.{0,80}\bclosed|closed.{0,80}\bperiod", "PERIOD_CLOSED", "the period is closed"),
    (
        r"\btotal\b.{0,60}\bnegative|negative.{0,60}\btotal",
        "TOTAL_NEGATIVE",
        "the total may not be negative",
    ),
    (
        r"unknown identifier '([\w.]{1,60})'",
        "IDENTIFIER_UNKNOWN",
        "the query asks for {0}, which is not known",
    ),
)
_KNOWN = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), code, words)
    for pattern, code, words in _WORDINGS
)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_PATH = re.compile(r"[\w.\[\]:-]{1,120}")
_LONGEST = 5_000


def detail_of(entry: Mapping[str, object]) -> Detail:
    """One entry of `o:errorDetails`, understood."""
    said = entry.get("o:errorCode")
    code = said if isinstance(said, str) and _CODE.fullmatch(said) else "UNKNOWN_CODE"
    text = entry.get("detail")
    found = _wording(text[:_LONGEST] if isinstance(text, str) else "")
    path = entry.get("o:errorPath")
    at = f" at {path}" if isinstance(path, str) and _PATH.fullmatch(path) else ""
    if found is None:
        return Detail((code,), f"{code}{at}")
    own, words = found
    return Detail((own, code), f"{words}{at} ({code})")


def _wording(text: str) -> tuple[str, str] | None:
    for pattern, code, words in _KNOWN:
        match = pattern.search(text)
        if match is not None:
            return code, words.format(*(group.strip() for group in match.groups()))
    return None
