"""Filters on lists of values, and on the lines of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...documents.exact import Number
from ...findings.errors import AbsentError, ExpressionError
from ..lines import LineGroup, RenderedLine
from .access import get_at_path
from .declare import KINDS, Function, Parameter, empty_list_error, index_functions
from .numbers import require_number, sum_numbers
from .values import as_text, entries, equal, kind_of, size, with_article


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
    found: dict[str, object] = {}
    for each in entries(value):
        found.setdefault(_identity(each), each)
    return list(found.values())


def _identity(value: object) -> str:
    """Return a text that equal values share: only the hashes of texts cannot be made to collide."""
    if isinstance(value, str):
        return f"text {value}"
    if not KINDS["scalar"].accepts(value):
        raise ExpressionError(
            "E0415",
            f"unique takes lists of texts and numbers; one entry is {with_article(kind_of(value))}",
            hint="take one key of each first: `| map('id')`",
        )
    text = as_text(value)
    if kind_of(value) == "number":
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text == "-0" else text
    return f"{kind_of(value)} {text}"


def _map(value: object, key: str) -> list[object]:
    keys = key.split(".")
    return [get_at_path(each, keys) for each in entries(value)]


def _where(value: object, key: str, wanted: object) -> object:
    keys = key.split(".")
    kept = [each for each in entries(value) if equal(get_at_path(each, keys), wanted)]
    if isinstance(value, LineGroup):
        return LineGroup(tuple(each for each in kept if isinstance(each, RenderedLine)))
    return kept


def _total(value: object, key: str, default: Number | None = None) -> Number:
    subject, keys = f"`{key[:40]}` of each entry", key.split(".")
    listed = entries(value)
    if default is None:
        return sum_numbers([require_number(get_at_path(each, keys), subject) for each in listed])
    found = (_get_or_null(each, keys) for each in listed)
    return sum_numbers(
        [default if number is None else require_number(number, subject) for number in found]
    )


def _get_or_null(value: object, keys: Sequence[str]) -> object:
    try:
        return get_at_path(value, keys)
    except AbsentError:
        return None


def _cost_of_unique(value: object) -> int:
    """Return the steps of reading every entry, and of keeping it."""
    return sum(1 + size(each) for each in entries(value))


def _cost_of_keys(value: object, key: str, wanted: object = None) -> int:
    """Return the steps of following each key of a dotted path, and of comparing, in every entry."""
    return len(entries(value)) * (1 + 2 * key.count(".") + size(wanted))


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
        cost=_cost_of_unique,
    ),
    Function(
        name="map",
        sort="filter",
        implementation=_map,
        parameters=(_LIST, _KEY),
        summary="The value of each entry under a key, or under a dotted path of keys.",
        examples=(("items | map('price.net')", _ITEMS, [10, 5]),),
        cost=_cost_of_keys,
    ),
    Function(
        name="where",
        sort="filter",
        implementation=_where,
        parameters=(_LIST, _KEY, Parameter("equals", "scalar")),
        summary="The entries that have this value under a key.",
        examples=(("items | where('sku', 'B') | map('tax')", _ITEMS, [1]),),
        cost=_cost_of_keys,
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
        cost=_cost_of_keys,
    ),
)
