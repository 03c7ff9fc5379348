"""Generated paths over generated documents: our evaluation agrees with the jmespath library's.

Numbers are quarters, on which the library's floats are exact. Left out is what
the library does otherwise than the specification: ordering of texts, equality
of true and 1 inside lists, `merge` of lists.
"""

from __future__ import annotations

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
    lambda whole, part: Decimal(whole) + Decimal(part), st.integers(2, 9), st.sampled_from(["0.25", "0.5", "0.75"])
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-9, -2), quarters, st.text("ab1", max_size=3)
)
names = st.sampled_from(["a", "b", "c"])
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)

literals = st.sampled_from(
    ["`2.5`", "`-3`", "`true`", "`null`", "'a'", "'1b'", "`[2.25, -3]`", '`{"a": [3.5]}`', "`[]`"]
)
fields = st.builds("{}{}".format, names, st.sampled_from(["", ".a", ".b", "[0]", "[].c"]))
comparisons = st.one_of(
    st.builds("{} {} {}".format, fields, st.sampled_from(["==", "!="]), literals | fields),
    st.builds("to_number({}) {} `{}`".format, fields, st.sampled_from(["<", "<=", ">", ">="]), quarters),
)  # fmt: skip
UNARY = "abs avg ceil floor keys length max min not_null reverse sort sum to_array to_number type values"


def expressions_over(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    suffixes = st.one_of(
        st.sampled_from([".a", ".b", ".*", "[0]", "[-1]", "[]", "[*]", "[1:]", "[::-1]", "[-2::2]"]),
        st.builds("[?{}]".format, inner | comparisons),
        st.builds(".[{}, {}]".format, inner, inner),
        st.builds(".{{k: {}}}".format, inner),
        st.builds(" | {}".format, inner),
    )  # fmt: skip
    functions = st.one_of(
        st.builds("{}({})".format, st.sampled_from(UNARY.split()), inner),
        st.builds("to_string({})".format, fields),
        st.builds("{}({}, 'a')".format, st.sampled_from(["contains", "ends_with", "starts_with"]), inner),
        st.builds("join('-', {})".format, inner),
        st.builds("map(&{}, {})".format, inner, inner),
        st.builds('merge({}, `{{"k": 2.5}}`)'.format, inner),
        st.builds("{}({}, &{})".format, st.sampled_from(["max_by", "min_by", "sort_by"]), inner, inner),
    )  # fmt: skip
    return st.one_of(
        st.builds("({}){}".format, inner, suffixes),
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["||", "&&"]), inner),
        st.builds("!({})".format, inner),
        functions,
        comparisons,
    )


expressions = st.recursive(
    st.one_of(fields, literals, st.sampled_from(["@", "*", "[*]", "[]"])),
    expressions_over,
    max_leaves=8,
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


@settings(max_examples=700, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(expressions, documents)
def test_same_result_or_both_fail(text: str, document: Any) -> None:
    mine, other = ours(text, document), theirs(text, document)
    assert same(mine, other), (mine, other)
