"""Generated paths over generated documents: our evaluation agrees with the jmespath library's.

Numbers are quarters, on which the library's floats are exact. Left out is what
the library does otherwise than the specification: ordering of texts, equality
of true and 1 inside lists, a null looked for in a text, `merge` of lists.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import jmespath
from expressions.paths import any_path, documents, paths
from hypothesis import HealthCheck, given, settings
from jmespath.exceptions import JMESPathError
from scale import scaled

from engine.findings.errors import ExpressionError
from engine.language.budget import Budget
from engine.language.paths import evaluate_path, parse_path

FAILED = "failed"


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


@settings(
    max_examples=scaled(200, full=6_000),
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(any_path.flatmap(paths), documents)
def test_same_result_or_both_fail(text: str, document: Any) -> None:
    mine, other = ours(text, document), theirs(text, document)
    assert same(mine, other), (mine, other)
