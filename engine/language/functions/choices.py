"""The filter for absent values, and the tests of a value's kind."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import AbsentError
from .declare import Function, Parameter, Thunk, index_functions
from .values import OMIT, kind_of


def _default(value: Thunk, otherwise: Thunk) -> object:
    try:
        found = value()
    except AbsentError:
        return otherwise()
    return otherwise() if found is None else found


def _is_defined(value: Thunk) -> bool:
    try:
        found = value()
    except AbsentError:
        return False
    return found is not None and found is not OMIT


def _is(*kinds: str) -> Callable[[object], bool]:
    return lambda value: kind_of(value) in kinds


_EXPRESSION = Parameter("value", "expression")
_NULLABLE = Parameter("value", "nullable")

FILTERS = index_functions(
    Function(
        "default",
        "filter",
        _default,
        (_EXPRESSION, Parameter("otherwise", "expression")),
        "The value, or something else when it is absent or null; `omit` leaves the field out.",
        (
            ("order.coupon | default('none')", {"order": {}}, "none"),
            ("note | default(omit)", {"note": None}, OMIT),
        ),
    ),
)

TESTS = index_functions(
    Function(
        "defined",
        "test",
        _is_defined,
        (_EXPRESSION,),
        "Neither absent nor null.",
        (("order.coupon is defined", {"order": {}}, False),),
    ),
    Function(
        "none",
        "test",
        _is("null"),
        (_NULLABLE,),
        "Null; an absent key is an error.",
        (("note is none", {"note": None}, True),),
    ),
    Function(
        "string", "test", _is("text"), (_NULLABLE,), "A text.", (("'1' is string", {}, True),)
    ),
    Function(
        "number", "test", _is("number"), (_NULLABLE,), "A number.", (("'1' is number", {}, False),)
    ),
    Function(
        "list",
        "test",
        _is("list", "lines"),
        (_NULLABLE,),
        "A list, or a group of lines.",
        (("[] is list", {}, True),),
    ),
    Function(
        "map",
        "test",
        _is("map"),
        (_NULLABLE,),
        "A map of keys and values.",
        (("{'a': 1} is map", {}, True),),
    ),
)
