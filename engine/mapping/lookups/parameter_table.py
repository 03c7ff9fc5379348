"""The text of an AWS parameter becomes a table: JSON, or texts separated by commas. Pure.

A parameter may hold a secret: no message and no hint shows any part of its text.
"""

from __future__ import annotations

from dataclasses import replace

from ...documents import read_json
from ...findings.codes import CODES
from ...findings.diagnostics import Finding, SourceText
from ...findings.errors import ExpressionError, FindingsError, SpecError
from ...findings.quote import quoted
from ..plan import LiveLookup
from . import Table, build_table, has_unfilled_rows, key_text

# AWS allows 8 KB.
_LONGEST = 100_000
_FORM = "write a JSON map, a JSON list, or texts separated by commas"


def table_of_parameter(live: LiveLookup, text: str) -> Table:
    """Read the table in a parameter's text; raise SpecError (E0618) with the reason when there is none.

    A JSON map or list of rows gives the same table as in a file. A list of single values, as JSON or
    separated by commas, gives a table with the value true for each.
    """
    if len(text) > _LONGEST:
        raise _parameter_error(live, CODES["E0609"])
    try:
        table = build_table(live.name, _parse_text(text.strip()), live.options)
    except FindingsError as error:
        first = error.findings[0]
        where = f", line {first.place.line}" if first.place is not None else ""
        raise _parameter_error(live, CODES[first.code] + where) from None
    except ExpressionError as error:
        raise _parameter_error(live, CODES[error.code]) from None
    if has_unfilled_rows(table):
        raise _parameter_error(live, CODES["E0622"])
    remedy = f"add it to the parameter {quoted(str(live.parameter), 80)}"
    return replace(table, known=(), remedy=remedy)


def _parse_text(text: str) -> object:
    if not text.startswith(("{", "[")):
        return dict.fromkeys(filter(None, map(str.strip, text.split(","))), True)
    data = read_json(SourceText("the parameter", text))
    if not isinstance(data, list) or any(isinstance(entry, dict) for entry in data):
        return data
    return {key_text(entry, ignore_case=False): True for entry in data}


def _parameter_error(live: LiveLookup, reason: str) -> SpecError:
    message = f"the parameter {quoted(str(live.parameter), 80)} holds no table: {reason}"
    return SpecError(message, [Finding("E0618", message, hint=_FORM)])
