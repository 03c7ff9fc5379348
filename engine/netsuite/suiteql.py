"""Writes values into SuiteQL; no other module puts a value into a query's text. Pure.

Values come from orders, and orders from anyone: no value can end its literal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ..documents.exact import Number, fits, format_plain, is_number
from ..findings.errors import ExpressionError

LONGEST = 300
_PLACE = re.compile(r"\{([^{}]*)\}")
_COLUMN = r"(?:\w+\.)?(\w+)"
_COMPARISON = re.compile(
    rf"(?:\bWHERE\b|\bAND\b|\()\s*(?:(?:LOWER|UPPER|TRIM)\s*\(\s*{_COLUMN}\s*\)|{_COLUMN})"
    r"\s*=\s*\{([^{}]*)\}",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"\b(?:OR|NOT|UNION)\b", re.IGNORECASE)
# Control characters and surrogates: no id holds them, and some readers drop them.
_REFUSED = frozenset(("Cc", "Cs"))


def format_literal(value: object) -> str:
    """Return a text, number, true or false as a SuiteQL literal. Raise ExpressionError (E0614)."""
    if isinstance(value, bool):
        return "'T'" if value else "'F'"
    if is_number(value):
        assert isinstance(value, Number)
        if not fits(value):
            raise refusal("the number is too large or too long")
        return format_plain(value)
    if not isinstance(value, str):
        raise refusal("it is neither a text nor a number")
    if len(value) > LONGEST:
        raise refusal(f"it has {len(value):,} characters, more than {LONGEST}")
    if any(unicodedata.category(character) in _REFUSED for character in value):
        raise refusal("it holds a control character or half a character")
    return "'" + value.replace("'", "''") + "'"


def fill_query(query: str, values: Mapping[str, object]) -> str:
    """Return the query with each `{name}` replaced by its value as a literal. Raise ExpressionError."""
    return _PLACE.sub(lambda match: format_literal(values[match[1]]), query)


def read_comparisons(query: str, values: Mapping[str, object]) -> dict[str, str]:
    """Return the values that a query compares columns with, by column: `LOWER(email) = {email}`.

    A column that is compared twice is left out: either value may be in a row. So is a whole query with
    OR or NOT: its rows may hold other values.
    """
    if _ALTERNATIVE.search(query):
        return {}
    found: dict[str, list[str]] = {}
    for match in _COMPARISON.finditer(query):
        value = values.get(match[3])
        if isinstance(value, str | int) and not isinstance(value, bool):
            found.setdefault((match[1] or match[2]).lower(), []).append(str(value))
    return {column: texts[0] for column, texts in found.items() if len(texts) == 1}


def refusal(why: str) -> ExpressionError:
    """Return the error of a value that fits no query; its words do not hold the value."""
    hint = "a query of NetSuite takes texts and numbers of the order, unchanged"
    return ExpressionError("E0614", why, hint=hint)
