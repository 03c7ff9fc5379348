"""The filters, functions and tests that authors may use, gathered by name."""

from __future__ import annotations

import copyreg

from . import amounts, choices, contacts, dates, lists, lookup, numbers, texts
from .declare import Function, Parameter, Scope
from .values import OMIT, as_text, equal, is_true, weigh

__all__ = [
    "FILTERS",
    "FUNCTIONS",
    "OMIT",
    "TESTS",
    "Function",
    "Parameter",
    "Scope",
    "as_text",
    "equal",
    "is_true",
    "weigh",
]

FILTERS: dict[str, Function] = (
    amounts.FILTERS
    | choices.FILTERS
    | contacts.FILTERS
    | lists.FILTERS
    | dates.FILTERS
    | numbers.FILTERS
    | texts.FILTERS
)
FUNCTIONS: dict[str, Function] = numbers.FUNCTIONS | lookup.FUNCTIONS
TESTS: dict[str, Function] = choices.TESTS


_BY_SORT = {"filter": FILTERS, "function": FUNCTIONS, "test": TESTS}


def find_function(sort: str, name: str) -> Function:
    """Return a filter, function or test. Raise KeyError."""
    return _BY_SORT[sort][name]


# A plan is sent to another process with the names of its functions: the process has the functions.
copyreg.pickle(Function, lambda each: (find_function, (each.sort, each.name)))
