"""The keys of an order, and their literals in a query. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...documents.exact import Number, format_plain
from ...mapping.lookups import Options, key_text
from ...mapping.plan.lookup_query import KEYS
from ..suiteql import format_literal, refusal


@dataclass(frozen=True, slots=True)
class LookupKey:
    """One key: the text that rows are compared with, and its literals in a query."""

    text: str
    literals: tuple[str, ...]


def build_keys(value: object, options: Options) -> tuple[LookupKey, ...]:
    """Return the key of a value and, for a table with `prefix`, the key of its prefix.

    The empty text has no key: Oracle's SQL treats it as null, which equals nothing. With `ignore_case`,
    a text has three literals: unchanged, lower case, upper case. Raise ExpressionError (E0614) for a
    value that fits no query.
    """
    if value == "":
        return ()
    if isinstance(value, Number) and not isinstance(value, bool):
        whole = LookupKey(format_plain(value), (format_literal(value),))
    elif isinstance(value, str):
        whole = _build_text_key(value, ignore_case=options.ignore_case)
    else:
        raise refusal("it is neither a text nor a number")
    text = key_text(value, ignore_case=False)
    if options.prefix is None or len(text) <= options.prefix:
        return (whole,)
    return whole, _build_text_key(text[: options.prefix], ignore_case=options.ignore_case)


def fill_keys(query: str, keys: Iterable[LookupKey]) -> str:
    """Return the query with the literals of all keys in place of each `{keys}`."""
    literals = (each for key in keys for each in key.literals)
    return query.replace(KEYS, ", ".join(dict.fromkeys(literals)))


def _build_text_key(text: str, *, ignore_case: bool) -> LookupKey:
    if text == "*":
        raise refusal("'*' would match every key")
    spellings = (text, text.lower(), text.upper()) if ignore_case else (text,)
    literals = tuple(format_literal(spelling) for spelling in dict.fromkeys(spellings))
    return LookupKey(key_text(text, ignore_case=ignore_case), literals)
