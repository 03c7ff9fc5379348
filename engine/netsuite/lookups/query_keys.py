"""The keys of an order, and the literals they are asked with. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...documents.exact import Number, format_plain
from ...mapping.lookups import Options, key_text
from ...mapping.plan.lookup_query import KEYS
from ..suiteql import format_literal, refusal


@dataclass(frozen=True, slots=True)
class LookupKey:
    """One key: the text it is compared by, and the literals it is asked with."""

    text: str
    literals: tuple[str, ...]


def build_keys(value: object, options: Options) -> tuple[LookupKey, ...]:
    """The key for a value and, for a table with `prefix`, the one for its beginning.

    None for the empty text, which Oracle's SQL takes for null: nothing equals it. Where upper and
    lower case are the same, a text is asked as it is and in both. Raise ExpressionError (E0614) for
    what no query is asked with.
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
    """The query with the literals of all keys in place of each `{keys}`, whatever the keys hold."""
    literals = (each for key in keys for each in key.literals)
    return query.replace(KEYS, ", ".join(dict.fromkeys(literals)))


def _build_text_key(text: str, *, ignore_case: bool) -> LookupKey:
    if text == "*":
        raise refusal("'*' would fit everything")
    spellings = (text, text.lower(), text.upper()) if ignore_case else (text,)
    literals = tuple(format_literal(spelling) for spelling in dict.fromkeys(spellings))
    return LookupKey(key_text(text, ignore_case=ignore_case), literals)
