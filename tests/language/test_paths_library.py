"""Generated paths over generated documents: our evaluation agrees with the jmespath library's.

Numbers are quarters, on which the library's floats are exact. Left out is what
the library does otherwise than the specification: ordering of texts, equality
of true and 1 inside lists, `merge` of lists.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import jmespath
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from engine.errors import ExpressionError
from engine.language.budget import Budget
from engine.language.paths import evaluate_path, parse_path

FAILED = "failed"

quarters = st.builds(
    lambda whole, part: Decimal(whole) + Decimal(part),
    st.integers(-9, 9),
    st.sampled_from(["0.25", "0.5", "0.75"]),
)
numbers = st.integers(-9, 9) | quarters
texts = st.text("ab1é", max_size=3)


def records(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects whose fields are named by kind: n(umber), t(ext), lists of them, o(bject)."""
    fields = {"n": numbers, "t": texts, "ns": st.lists(numbers, min_size=1, max_size=4)}
    return st.fixed_dictionaries(fields | {"ts": st.lists(texts, max_size=4)} | more)


documents = records(
    o=st.dictionaries(texts, texts, max_size=3),
    os=st.lists(records(o=st.just({}), os=st.just([])), min_size=1, max_size=5),
)

SLICES = ["[1:]", "[::-1]", "[-2::2]", "[:3]"]
WILD = [
    "*",
    "*[]",
    "*.*",
    "o.*",
    "os[].ns",
    "os[].ns[]",
    "os[*].ns[0]",
    "os[-1]",
    "os[9].n",
    "nothing",
]


def filled(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(template.format, *parts)


def number_paths(depth: int) -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["n", "`2.5`", "`-3`", "ns[0]", "os[-1].n"])
    if not depth:
        return leaves
    name = st.sampled_from(["abs", "ceil", "floor", "to_number"])
    fold = st.sampled_from(["sum", "max", "min", "length"])
    by = st.sampled_from(["max_by", "min_by"])
    return st.one_of(
        leaves,
        filled("{}({})", name, number_paths(depth - 1)),
        filled("{}({})", fold, number_lists(depth - 1)),
        filled("length({})", text_paths(depth - 1) | text_lists(depth - 1)),
        filled("{}({}, &{}).n", by, record_lists(depth - 1), keys(depth - 1)),
    )


def text_paths(depth: int) -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["t", "'a'", "ts[0]", "to_string(ts)", "type(o)"])
    if not depth:
        return leaves
    return st.one_of(
        leaves,
        filled("reverse({})", text_paths(depth - 1)),
        filled("join({}, {})", text_paths(depth - 1), text_lists(depth - 1)),
        filled("not_null(nothing, {})", text_paths(depth - 1)),
        filled("max({})", text_lists(depth - 1)),
    )


def number_lists(depth: int) -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["ns", "os[].n", "`[2.25, -3]`", "os[].ns[]"])
    return list_paths(leaves, depth, number_paths)


def text_lists(depth: int) -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["ts", "os[*].t", "keys(o)", "values(o)"])
    return list_paths(leaves, depth, text_paths)


def list_paths(
    leaves: st.SearchStrategy[str],
    depth: int,
    entries: Callable[[int], st.SearchStrategy[str]],
) -> st.SearchStrategy[str]:
    if not depth:
        return leaves
    lists = list_paths(leaves, depth - 1, entries)
    return st.one_of(
        leaves,
        filled("{}({})", st.sampled_from(["sort", "reverse", "to_array"]), lists),
        filled("{} | @{}", lists, st.sampled_from(SLICES)),
        filled("map(&{}, {})", entries(depth - 1), record_lists(depth - 1)),
        filled("[{}, {}][]", lists, entries(depth - 1)),
        filled("[{}, {}]", entries(depth - 1), entries(depth - 1)),
    ).map("({})".format)


def record_lists(depth: int) -> st.SearchStrategy[str]:
    if not depth:
        return st.just("os")
    inner = record_lists(depth - 1)
    return st.one_of(
        st.just("os"),
        filled("sort_by({}, &{})", inner, keys(depth - 1)),
        filled("{}[?{}]", inner, conditions(depth - 1)),
        filled("{}[].{{n: {}, t: t, ns: ns}}", inner, number_paths(depth - 1)),
        filled('[merge({}[0], `{{"n": 2.5}}`), {}[-1]]', inner, inner),
    )


def keys(depth: int) -> st.SearchStrategy[str]:
    return number_paths(depth) | text_paths(depth)


def conditions(depth: int) -> st.SearchStrategy[str]:
    ordering, equality = st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(["==", "!="])
    leaves = st.one_of(
        filled("{} {} {}", number_paths(depth), ordering, number_paths(depth)),
        filled("{} {} {}", keys(depth), equality, keys(depth)),
        filled("{} {} {}", number_lists(depth), equality, number_lists(depth)),
        filled("contains({}, {})", number_lists(depth), number_paths(depth)),
        filled("contains({}, {})", text_paths(depth) | text_lists(depth), text_paths(depth)),
        filled("starts_with({}, {})", text_paths(depth), text_paths(depth)),
        filled("ends_with({}, {})", text_paths(depth), text_paths(depth)),
    )
    if not depth:
        return leaves
    inner = conditions(depth - 1)
    return st.one_of(
        leaves,
        filled("!({})", inner),
        filled("({}) && {}", inner, inner),
        filled("({} || {})", inner, inner),
    )


KINDS = (number_paths, text_paths, number_lists, text_lists, record_lists, conditions)
well_typed = st.one_of([paths(3) for paths in KINDS] + [filled("avg({})", number_lists(2))])
wild = st.recursive(
    st.sampled_from(WILD) | well_typed,
    lambda inner: st.one_of(
        filled("({}) | {}", inner, inner),
        filled("({}) || ({})", inner, inner),
        filled("({}) && ({})", inner, inner),
        filled("({})[?{}]", inner, inner),
        filled("({}).{{n: {}}}", inner, inner),
        filled("({}).[{}]", inner, inner),
        filled("({}){}", inner, st.sampled_from([".n", ".*", "[0]", "[]", "[*].ns", *SLICES])),
        filled("{}({})", st.sampled_from(["sum", "sort", "keys", "type", "length"]), inner),
    ),
    max_leaves=3,
)


def with_floats(value: Any) -> Any:
    if isinstance(value, list):
        return [with_floats(entry) for entry in value]
    if isinstance(value, dict):
        return {key: with_floats(entry) for key, entry in value.items()}
    return float(value) if isinstance(value, Decimal) else value


def ours(text: str, document: Any) -> Any:
    try:
        return evaluate_path(parse_path(text), document, Budget())
    except ExpressionError as error:
        return FAILED if error.code == "E0304" else error


def theirs(text: str, document: Any) -> Any:
    try:
        return jmespath.search(text, with_floats(document))
    except (JMESPathError, TypeError):
        # max_by and min_by compare a number and a text without looking: Python's own TypeError.
        return FAILED


def same(mine: Any, other: Any) -> bool:
    if isinstance(mine, list) and isinstance(other, list):
        return len(mine) == len(other) and all(map(same, mine, other))
    if isinstance(mine, dict) and isinstance(other, dict):
        return list(mine) == list(other) and all(same(mine[key], other[key]) for key in mine)
    if isinstance(mine, Decimal):
        # Only an average can be no quarter: the library rounds it to a float's 53 bits.
        return isinstance(other, int | float) and abs(float(mine) - other) < 1e-9
    return type(mine) is type(other) and bool(mine == other)


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(well_typed | wild, documents)
def test_same_result_or_both_fail(text: str, document: Any) -> None:
    mine, other = ours(text, document), theirs(text, document)
    assert same(mine, other), (mine, other)
