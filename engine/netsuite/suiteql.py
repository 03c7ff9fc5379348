"""Values in SuiteQL: here, and only here, a value becomes part of a query's text.

Pure. Values come from an order, and an order from anyone: nothing that one holds ends its literal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ..documents.exact import Number, fits, format_plain, is_number
from ..findings.errors import ExpressionError

LONGEST = 300
_PLACE = re.compile(r"\{([^{}]*)\}")
# Control characters and halves of characters; no id holds them, and not every reader passes them on.
_REFUSED = frozenset(("Cc", "Cs"))


def format_literal(value: object) -> str:
    """A text, number, true or false as SuiteQL writes it. Raise ExpressionError (E0614)."""
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
    """The query with each `{name}` replaced by its value as a literal. Raise ExpressionError."""
    return _PLACE.sub(lambda match: format_literal(values[match[1]]), query)


def refusal(why: str) -> ExpressionError:
    """The error of a value that no query is asked with; the value itself may be a customer's."""
    hint = "NetSuite is asked for texts and numbers as they stand in the order"
    return ExpressionError("E0614", why, hint=hint)
