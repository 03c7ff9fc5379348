"""A parameter's text becomes a table: JSON, or a list with commas. Pure.

What a parameter holds may be a secret: no message and no hint shows any of it.
"""

from __future__ import annotations

from dataclasses import replace

from ...documents import read_json
from ...findings.codes import CODES
from ...findings.diagnostics import Finding, SourceText
from ...findings.errors import ExpressionError, FindingsError, SpecError
from ...findings.quote import quoted
from ..plan import LiveLookup
from . import Table, build_table, key_text

# AWS allows 8 KB.
_LONGEST = 100_000
_FORM = "it may be a JSON map, a JSON list, or texts with commas between them"


def table_of_parameter(live: LiveLookup, text: str) -> Table:
    """The table in a parameter's text. Raise SpecError (E0618) that says why there is none.

    A JSON map or list of rows is the table that it would be in a file. In a list of single values,
    JSON or not, the answer to each is true.
    """
    if len(text) > _LONGEST:
        raise _refusal(live, CODES["E0609"])
    try:
        table = build_table(live.name, _data(text.strip()), live.options)
    except FindingsError as error:
        first = error.findings[0]
        where = f", line {first.place.line}" if first.place is not None else ""
        raise _refusal(live, CODES[first.code] + where) from None
    except ExpressionError as error:
        raise _refusal(live, CODES[error.code]) from None
    remedy = f"add it to the parameter {quoted(str(live.parameter), 80)}"
    return replace(table, known=(), remedy=remedy)


def _data(text: str) -> object:
    if not text.startswith(("{", "[")):
        return dict.fromkeys(filter(None, map(str.strip, text.split(","))), True)
    data = read_json(SourceText("the parameter", text))
    if not isinstance(data, list) or any(isinstance(entry, dict) for entry in data):
        return data
    return {key_text(entry, ignore_case=False): True for entry in data}


def _refusal(live: LiveLookup, why: str) -> SpecError:
    message = f"the parameter {quoted(str(live.parameter), 80)} holds no table: {why}"
    return SpecError(message, [Finding("E0618", message, hint=_FORM)])
