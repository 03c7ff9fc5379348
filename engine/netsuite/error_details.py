"""Reads NetSuite's error details: their codes, our codes for known wordings, and safe words. Pure.

`USER_ERROR` stands for many errors; only the text distinguishes them (netsuite.md §2.2). The text may
quote values of the record, so messages show only harmless parts: a known wording with the names of
fields, or else the code and the place. A part that shares a word with a value that was sent is not
shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One error: its codes, the most specific first, and words without any value."""

    codes: tuple[str, ...]
    words: str


PERIOD_CLOSED = "PERIOD_CLOSED"
# A wording of NetSuite, our code for it, and our words; {0} is the name of a field or record.
_WORDINGS = (
    (r"already exists", "RECORD_EXISTS", "the record already exists"),
    (
        r"enter value\(s\) for:? ?(\w[\w ,()/'-]{0,79})\.?$",
        "VALUE_MISSING",
        "a value is missing for {0}",
    ),
    (
        r"for the following field:? ?(\w[\w ]{0,59})\.?$",
        "VALUE_INVALID",
        "the value of {0} is not valid",
    ),
    (r"record type '[^']{0,80}' does not exist", "TYPE_UNKNOWN", "this record type does not exist"),
    (r"role does not have permission", "PERMISSION_MISSING", "the role lacks a permission"),
    (
        r"transaction type specified is incorrect",
        "TRANSACTION_MISSING",
        "no transaction of this type has this id",
    ),
    (r"record has been changed", "RECORD_CHANGED", "the record was changed meanwhile"),
    (
        r"period.{0,80}\bclosed|closed.{0,80}\bperiod|not within an open accounting period",
        PERIOD_CLOSED,
        "the period is closed",
    ),
    (r"\blocked\b", "RECORD_LOCKED", "the record is locked"),
    (
        r"\btotal\b.{0,60}\bnegative|negative.{0,60}\btotal",
        "TOTAL_NEGATIVE",
        "the total may not be negative",
    ),
    (
        r"unknown identifier '([\w.]{1,60})'",
        "IDENTIFIER_UNKNOWN",
        "the query uses the unknown name {0}",
    ),
)
# Words and hint for a code, whatever its text.
_WORDS_BY_CODE = {
    "INVALID_LOGIN": (
        "NetSuite refused the login",
        "; its Login Audit Trail shows why: the integration, the role, the certificate or the time",
    ),
    "CONCURRENCY_LIMIT_EXCEEDED": ("NetSuite accepts no more concurrent requests now", ""),
}
_COMPILED_WORDINGS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL | re.ASCII), code, words)
    for pattern, code, words in _WORDINGS
)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_PATH = re.compile(r"[A-Za-z]\w{0,60}(?:[.:-][A-Za-z]\w{0,60}|\[[0-9]{1,5}\]){0,9}", re.ASCII)
_WORD = re.compile(r"[^\W_]+")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_LONGEST_DETAIL = 5_000
_INDEX = re.compile(r"\[[0-9]{1,5}\]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def read_detail(entry: Mapping[str, object], values: Collection[str] = frozenset()) -> ErrorDetail:
    """Read an entry of `o:errorDetails`; `values` are words that must not be shown."""
    own_code = entry.get("o:errorCode")
    code = own_code if isinstance(own_code, str) and _CODE.fullmatch(own_code) else "UNKNOWN_CODE"
    if code in _WORDS_BY_CODE:
        words, hint = _WORDS_BY_CODE[code]
        return ErrorDetail((code,), f"{words} ({code}){hint}")
    text = entry.get("detail")
    found = _match_wording(
        _collapse_spaces(text[:_LONGEST_DETAIL]) if isinstance(text, str) else "", values
    )
    path = entry.get("o:errorPath")
    is_place = isinstance(path, str) and _PATH.fullmatch(path) and _is_harmless(path, values)
    at = f" at {path}" if is_place else ""
    if found is None:
        return ErrorDetail((code,), f"{code}{at}")
    own, words = found
    return ErrorDetail((own, code), f"{words}{at} ({code})")


def collect_words(value: object) -> frozenset[str]:
    """Return the words of all texts and numbers in a value, folded: no message may repeat them."""
    return frozenset(word for text in _iterate_texts(value) for word in _split_words(text))


def collect_literal_words(query: str) -> frozenset[str]:
    """Return the words of a SuiteQL query's literals, folded."""
    return frozenset(word for match in _LITERAL.finditer(query) for word in _split_words(match[1]))


def _collapse_spaces(text: str) -> str:
    """Return the text with single spaces, which keeps the patterns fast."""
    return " ".join(text.split())


def _match_wording(text: str, values: Collection[str]) -> tuple[str, str] | None:
    for pattern, code, words in _COMPILED_WORDINGS:
        match = pattern.search(text)
        if match is not None:
            names = [group.strip() for group in match.groups()]
            safe = [name if _is_harmless(name, values) else "a field" for name in names]
            return code, words.format(*safe)
    return None


def _is_harmless(name: str, values: Collection[str]) -> bool:
    """Whether a name in NetSuite's text shares no word with the values that were sent."""
    plain = _INDEX.sub(" ", name)
    spread = _CAMEL.sub(" ", plain)
    return not any(word in values for text in (plain, spread) for word in _split_words(text))


def _split_words(text: str) -> Iterator[str]:
    return (match[0].casefold() for match in _WORD.finditer(text.upper()))


def _iterate_texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _iterate_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _iterate_texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
