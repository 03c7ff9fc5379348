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
        name="default",
        sort="filter",
        implementation=_default,
        parameters=(_EXPRESSION, Parameter("otherwise", "expression")),
        summary="The value, or something else when it is absent or null; `omit` leaves the field out.",
        examples=(
            ("order.coupon | default('none')", {"order": {}}, "none"),
            ("note | default(omit)", {"note": None}, OMIT),
        ),
    ),
)

TESTS = index_functions(
    Function(
        name="defined",
        sort="test",
        implementation=_is_defined,
        parameters=(_EXPRESSION,),
        summary="Neither absent nor null.",
        examples=(("order.coupon is defined", {"order": {}}, False),),
    ),
    Function(
        name="none",
        sort="test",
        implementation=_is("null"),
        parameters=(_NULLABLE,),
        summary="Null; an absent key is an error.",
        examples=(("note is none", {"note": None}, True),),
    ),
    Function(
        name="string",
        sort="test",
        implementation=_is("text"),
        parameters=(_NULLABLE,),
        summary="A text.",
        examples=(("'1' is string", {}, True),),
    ),
    Function(
        name="number",
        sort="test",
        implementation=_is("number"),
        parameters=(_NULLABLE,),
        summary="A number.",
        examples=(("'1' is number", {}, False),),
    ),
    Function(
        name="list",
        sort="test",
        implementation=_is("list", "lines"),
        parameters=(_NULLABLE,),
        summary="A list, or a group of lines.",
        examples=(("[] is list", {}, True),),
    ),
    Function(
        name="map",
        sort="test",
        implementation=_is("map"),
        parameters=(_NULLABLE,),
        summary="A map of keys and values.",
        examples=(("{'a': 1} is map", {}, True),),
    ),
)
