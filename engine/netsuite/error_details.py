"""Reads NetSuite's error details: their codes, ours for known refusals, and words for people. Pure.

`USER_ERROR` stands for many errors; only the text distinguishes them (netsuite.md §2.2). The words are the
cause and the remedy of the catalogue, and NetSuite's own text with everything masked that was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .masked_words import MASK, SentWords, mask
from .refusals import Catalogue, KnownRefusal, fold_accents


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One error: its codes, the most specific first, and words without any value that was sent."""

    codes: tuple[str, ...]
    words: str


_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_PATH = re.compile(r"[A-Za-z]\w{0,60}(?:[.:-][A-Za-z]\w{0,60}|\[[0-9]{1,5}\]){0,9}", re.ASCII)
# A place among our words: behind the cause, in front of the code or of NetSuite's text.
_PLACE = re.compile(rf" at ({_PATH.pattern})(?= \([A-Z]|;|$)", re.ASCII)
_LONGEST_DETAIL = 1_000
_NO_CODE = "UNKNOWN_CODE"
# Refusals whose text tells nothing more, and may name a user.
_UNQUOTED = frozenset(("LOGIN_REFUSED", "TOKEN_REFUSED"))
_QUOTE = "; NetSuite: "
# What NetSuite writes before the text itself.
_PREAMBLE = re.compile(
    r"^(Error while accessing a resource\.|Invalid search query\. Detailed unprocessed description follows\.) "
)


def read_detail(entry: Mapping[str, object], sent: SentWords, catalogue: Catalogue) -> ErrorDetail:
    """Read an entry of `o:errorDetails`; `sent` are words that must not be shown."""
    own_code = entry.get("o:errorCode")
    code = own_code if isinstance(own_code, str) and _CODE.fullmatch(own_code) else _NO_CODE
    detail = entry.get("detail")
    text = " ".join(detail[:_LONGEST_DETAIL].split()) if isinstance(detail, str) else ""
    text = _PREAMBLE.sub("", text)
    place = _read_place(entry.get("o:errorPath"), sent)
    quoted = _quote(text, sent)
    refusal = catalogue.find(code, text)
    # A script may raise a value as a code; the codes of the catalogue are names.
    if code not in catalogue.verdicts and sent.names(code):
        code = _NO_CODE
    if refusal is None:
        return ErrorDetail((code,), f"{code}{place}{quoted}")
    cause = refusal.explain(_read_name(refusal, text, sent))
    if refusal.code in _UNQUOTED:
        quoted = ""
    codes = (code,) if refusal.code == code else (refusal.code, code)
    return ErrorDetail(codes, f"{cause}{place} ({code}): {refusal.remedy}{quoted}")


def _quote(text: str, sent: SentWords) -> str:
    shown = mask(text, sent).rstrip(".")
    is_empty = not any(sign.isalpha() for sign in shown.replace(MASK, ""))
    return "" if is_empty else f"{_QUOTE}{shown}"


def quoted_words(words: str) -> str:
    """Return NetSuite's own words in an answer's words; empty without any."""
    return words.partition(_QUOTE)[2]


def find_places(words: str) -> tuple[str, ...]:
    """Return the places of a record that an answer's words name, each once, as in `item.items[0].item`."""
    return tuple(dict.fromkeys(found[1] for found in _PLACE.finditer(words)))


def _read_place(path: object, sent: SentWords) -> str:
    is_place = isinstance(path, str) and _PATH.fullmatch(path) and not sent.holds(path)
    return f" at {path}" if is_place else ""


def _read_name(refusal: KnownRefusal, text: str, sent: SentWords) -> str | None:
    """Return the name of the field in a text; None for one that shares a word with what was sent."""
    match = refusal.match(fold_accents(text))
    if match is None or not match.re.groups or match[1] is None:
        return None
    name = text[match.start(1) : match.end(1)].strip()
    return None if sent.holds(name) else name
