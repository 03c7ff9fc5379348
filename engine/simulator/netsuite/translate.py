"""Translates the messages of refusals into the language of the account's user. Pure."""

from __future__ import annotations

import re
from functools import cache

from .messages import LABELS, LANGUAGES, SENTENCES

ENGLISH = LANGUAGES[0]
_UNKNOWN = "Invalid content in the request body."
_LONGEST = 10_000  # characters
_VALUE = re.compile(r"\\\{\d\\\}")


def translate_text(text: str, language: str) -> str:
    """Return an English message in another language, its values kept, names of fields translated.

    A message without a translation becomes the general one on invalid content, so that no English is left.
    """
    if language == ENGLISH:
        return text
    found = _find_translation(text, language) if len(text) <= _LONGEST else None
    return found or _translate(_UNKNOWN, language)


def _find_translation(text: str, language: str, *, is_inner: bool = False) -> str | None:
    if text in SENTENCES:
        return _translate(text, language)
    for sentence, pattern in _compile_patterns():
        match = pattern.fullmatch(text)
        if match is not None:
            values = [
                value if is_inner else _translate_value(value, language) for value in match.groups()
            ]
            return _translate(sentence, language).format(*values)
    return None


def _translate(sentence: str, language: str) -> str:
    return SENTENCES[sentence][LANGUAGES.index(language) - 1]


def _translate_value(value: str, language: str) -> str:
    """Return a value: a sentence within a sentence, or names of fields, translated; others as they are."""
    inner = _find_translation(value, language, is_inner=True) if " " in value else None
    if inner is not None:
        return inner
    at = LANGUAGES.index(language) - 1
    return ", ".join(LABELS[name][at] if name in LABELS else name for name in value.split(", "))


@cache
def _compile_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the sentences that hold values, with their patterns; those that begin with words first."""
    with_values = sorted((each for each in SENTENCES if "{0}" in each), key=_begins_with_value)
    return tuple(
        (each, re.compile(_VALUE.sub("(.+?)", re.escape(each)), re.DOTALL)) for each in with_values
    )


def _begins_with_value(sentence: str) -> bool:
    return sentence.startswith("{")
