"""The keys of an order become SQL literals: here, and nowhere else.

Pure. A key comes from an order, and an order from anyone: nothing that it holds can end the literal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ExpressionError
from ..exact import Number, fits, plain
from ..lookups import Options, key_text
from ..plan.suiteql import KEYS
from ..wording import quoted

LONGEST_KEY = 300
# Control characters and halves of characters; no id holds them, and not every reader passes them on.
_REFUSED = {"Cc", "Cs"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the text it is compared by, and the literals it is asked with."""

    text: str
    literals: tuple[str, ...]


def keys_for(value: object, options: Options) -> tuple[Key, ...]:
    """The key for a value and, for a table with `prefix`, the one for its beginning.

    None for the empty text, which Oracle's SQL takes for null: nothing equals it. Where upper and
    lower case are the same, a text is asked as it is and in both. Raise ExpressionError (E0614) for
    what no query is asked with.
    """
    if value == "":
        return ()
    if isinstance(value, Number) and not isinstance(value, bool):
        whole = _number_key(value)
    elif isinstance(value, str):
        whole = _text_key(value, ignore_case=options.ignore_case)
    else:
        raise _refusal("it is neither a text nor a number")
    text = key_text(value, ignore_case=False)
    if options.prefix is None or len(text) <= options.prefix:
        return (whole,)
    return whole, _text_key(text[: options.prefix], ignore_case=options.ignore_case)


def query_for(query: str, keys: Iterable[Key]) -> str:
    """The query with the literals of all keys in place of each `{keys}`, whatever the keys hold."""
    literals = (literal for key in keys for literal in key.literals)
    return query.replace(KEYS, ", ".join(dict.fromkeys(literals)))


def text_literal(text: str) -> str:
    """A text as SQL. Raise ExpressionError (E0614) for one that is refused."""
    if len(text) > LONGEST_KEY:
        raise _refusal(f"{quoted(text)} has {len(text):,} characters, more than {LONGEST_KEY}")
    if any(unicodedata.category(character) in _REFUSED for character in text):
        raise _refusal(f"{quoted(text)} holds a control character or half a character")
    return "'" + text.replace("'", "''") + "'"


def _text_key(text: str, *, ignore_case: bool) -> Key:
    if text == "*":
        raise _refusal("'*' would fit everything")
    spellings = (text, text.lower(), text.upper()) if ignore_case else (text,)
    literals = tuple(text_literal(spelling) for spelling in dict.fromkeys(spellings))
    return Key(key_text(text, ignore_case=ignore_case), literals)


def _number_key(number: Number) -> Key:
    if not fits(number):
        raise _refusal("the number is too large or too long")
    return Key(plain(number), (plain(number),))


def _refusal(why: str) -> ExpressionError:
    hint = "NetSuite is asked for texts and numbers as they stand in the order"
    return ExpressionError("E0614", why, hint=hint)
