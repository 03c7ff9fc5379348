"""The function `lookup`: from NewStore's values to NetSuite's, by the tables of the mapping."""

from __future__ import annotations

from ...findings.errors import LookupMissingError
from .declare import Function, Parameter, Scope, Thunk, by_name


def _no_default() -> object:
    """Stands for a `default` that was not given; it is recognised, and never called."""


def _lookup(scope: Scope, table: str, keys: tuple[object, ...], default: Thunk) -> object:
    try:
        return scope.lookup(table, keys)
    except LookupMissingError:
        if default is _no_default:
            raise
        return default()


FUNCTIONS = by_name(
    Function(
        "lookup",
        "function",
        _lookup,
        (
            Parameter("table", "some text"),
            Parameter("key", "scalar", many=True),
            Parameter("default", "expression", _no_default, keyword_only=True),
        ),
        "What a table of the mapping's `lookups:` has for one or several keys; `default` when it has no such row.",
        (
            ("lookup('channel', 'web')", {}, 1),
            ("lookup('channel', 'fax', default=omit) is defined", {}, False),
        ),
        with_scope=True,
    ),
)
