"""Filters on lists of values, and on the lines of a group."""

from __future__ import annotations

from collections.abc import Mapping

from ...documents.exact import Number
from ...findings.errors import AbsentError, ExpressionError
from ..lines import LineGroup, RenderedLine
from .access import get_at_path
from .declare import KINDS, Function, Parameter, empty_list_error, index_functions
from .numbers import require_number, sum_numbers
from .values import entries, equal, kind_of, with_article


def _length(value: str | list[object] | Mapping[str, object] | LineGroup) -> int:
    return len(value.lines if isinstance(value, LineGroup) else value)


def _first(value: object) -> object:
    listed = entries(value)
    if not listed:
        raise empty_list_error("the first entry")
    return listed[0]


def _last(value: object) -> object:
    listed = entries(value)
    if not listed:
        raise empty_list_error("the last entry")
    return listed[-1]


def _unique(value: object) -> list[object]:
    """Keep the first of equal entries, in their order; equality is that of `==`."""
    found: dict[tuple[str, object], object] = {}
    for each in entries(value):
        found.setdefault(_identity(each), each)
    return list(found.values())


def _identity(value: object) -> tuple[str, object]:
    if not KINDS["scalar"].accepts(value):
        raise ExpressionError(
            "E0415",
            f"unique takes lists of texts and numbers; one entry is {with_article(kind_of(value))}",
            hint="take one key of each first: `| map('id')`",
        )
    return kind_of(value), value


def _map(value: object, key: str) -> list[object]:
    return [get_at_path(each, key) for each in entries(value)]


def _where(value: object, key: str, wanted: object) -> object:
    kept = [each for each in entries(value) if equal(get_at_path(each, key), wanted)]
    if isinstance(value, LineGroup):
        return LineGroup(tuple(each for each in kept if isinstance(each, RenderedLine)))
    return kept


def _total(value: object, key: str, default: Number | None = None) -> Number:
    subject = f"`{key[:40]}` of each entry"
    listed = entries(value)
    if default is None:
        return sum_numbers([require_number(get_at_path(each, key), subject) for each in listed])
    found = (_get_or_null(each, key) for each in listed)
    return sum_numbers(
        [default if number is None else require_number(number, subject) for number in found]
    )


def _get_or_null(value: object, key: str) -> object:
    try:
        return get_at_path(value, key)
    except AbsentError:
        return None


_LIST = Parameter("value", "list")
_KEY = Parameter("key", "some text")
_ITEMS = {
    "items": [
        {"sku": "A", "price": {"net": 10}, "tax": 2},
        {"sku": "B", "price": {"net": 5}, "tax": 1},
    ]
}

FILTERS = index_functions(
    Function(
        name="length",
        sort="filter",
        implementation=_length,
        parameters=(Parameter("value", "container"),),
        summary="How many entries, or characters.",
        examples=(("'abc' | length", {}, 3), ("[] | length", {}, 0)),
    ),
    Function(
        name="first",
        sort="filter",
        implementation=_first,
        parameters=(_LIST,),
        summary="The first entry; absent when there is none.",
        examples=(("[1, 2] | first", {}, 1),),
    ),
    Function(
        name="last",
        sort="filter",
        implementation=_last,
        parameters=(_LIST,),
        summary="The last entry; absent when there is none.",
        examples=(("[1, 2] | last", {}, 2),),
    ),
    Function(
        name="unique",
        sort="filter",
        implementation=_unique,
        parameters=(_LIST,),
        summary="Every text or number once.",
        examples=(("['b', 'a', 'b'] | unique", {}, ["b", "a"]),),
    ),
    Function(
        name="map",
        sort="filter",
        implementation=_map,
        parameters=(_LIST, _KEY),
        summary="The value of each entry under a key, or under a dotted path of keys.",
        examples=(("items | map('price.net')", _ITEMS, [10, 5]),),
    ),
    Function(
        name="where",
        sort="filter",
        implementation=_where,
        parameters=(_LIST, _KEY, Parameter("equals", "scalar")),
        summary="The entries that have this value under a key.",
        examples=(("items | where('sku', 'B') | map('tax')", _ITEMS, [1]),),
    ),
    Function(
        name="total",
        sort="filter",
        implementation=_total,
        parameters=(_LIST, _KEY, Parameter("default", "number", None)),
        summary="The exact sum of a key over all entries; 0 of none. An entry without the key counts as `default`.",
        examples=(
            ("items | total('price.net')", _ITEMS, 15),
            ("[] | total('tax')", {}, 0),
            ("[{'debit': 5}, {'credit': 5}] | total('debit', 0)", {}, 5),
        ),
    ),
)
