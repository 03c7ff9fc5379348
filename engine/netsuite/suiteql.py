"""Values in SuiteQL: here, and only here, a value becomes part of a query's text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import ExpressionError
from ..exact import Number, is_number, plain

_PLACE = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 1_000


def literal(value: object) -> str:
    """A text, number, true or false as SuiteQL writes it; nothing leads out of it.

    Raise ExpressionError (E0614): another kind of value, control characters, or too long.
    """
    if isinstance(value, bool):
        return "'T'" if value else "'F'"
    if is_number(value):
        assert isinstance(value, Number)
        return plain(value)
    if not isinstance(value, str) or len(value) > _LONGEST or _CONTROL.search(value):
        raise ExpressionError(
            "E0614",
            "a value cannot stand in a SuiteQL query",
            hint=f"it is a text of at most {_LONGEST:,} printable characters, or a number",
        )
    return "'" + value.replace("'", "''") + "'"


def filled(query: str, values: Mapping[str, object]) -> str:
    """The query with each `{name}` replaced by its value as a literal. Raise ExpressionError."""
    return _PLACE.sub(lambda match: literal(values[match[1]]), query)
