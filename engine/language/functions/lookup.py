"""The function `lookup`: from shop values to ledger values, by the tables of the mapping."""

from __future__ import annotations

from ...findings.errors import LookupMissingError
from .declare import Function, Parameter, Scope, Thunk, index_functions


def _no_default() -> object:
    """Mark that no `default` was given; compared by identity, never called."""


def _lookup(scope: Scope, table: str, keys: tuple[object, ...], default: Thunk) -> object:
    try:
        return scope.lookup(table, keys)
    except LookupMissingError:
        if default is _no_default:
            raise
        return default()


FUNCTIONS = index_functions(
    Function(
        name="lookup",
        sort="function",
        implementation=_lookup,
        parameters=(
            Parameter("table", "some text"),
            Parameter("key", "scalar", many=True),
            Parameter("default", "expression", _no_default, keyword_only=True),
        ),
        summary="The value that a table under `lookups:` has for one or several keys; `default` when it has no such row.",
        examples=(
            ("lookup('channel', 'web')", {}, 1),
            ("lookup('channel', 'fax', default=omit) is defined", {}, False),
        ),
        with_scope=True,
    ),
)
