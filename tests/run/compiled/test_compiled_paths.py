"""Every path of JMESPath's compliance suite, and generated ones: compiled, they find the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from compliance import compliance_cases, file_names
from expressions.mappings import TENANT, plan_of
from expressions.paths import any_path, documents, paths
from hypothesis import HealthCheck, given, settings
from scale import scaled
from twins import agree_on_event, run_twins

from engine.findings.errors import ExpressionError
from engine.language.paths import parse_path
from engine.mapping.plan import Field, PathAt, Plan
from engine.run import Inputs
from engine.run.compiled import compile_program

MAPPING = {
    "erpmap": 1,
    "mapping": "m",
    "on": {"event": "order.opened"},
    "fields": {"value": {"path": "event.payload.given", "optional": True}},
    "records": {
        "record": {
            "record": "journalEntry",
            "write": "create",
            "external_id": "X",
            "body": {"value": "{{ value | default('nothing') }}"},
        }
    },
}
NULLS_AND_NUMBERS: tuple[Any, ...] = (
    None,
    0,
    Decimal("0.00"),
    "",
    [],
    {},
    [[], [None]],
    {"a": {"a": []}},
    True,
)


@cache
def whole() -> Plan:
    plan = plan_of(MAPPING)
    assert plan is not None, TENANT
    return plan


def check(expression: str, given: Any) -> bool | None:
    """Whether the compiled path was sure; None for what is no path. It says the same in a trigger."""
    (field,) = whole().fields
    assert isinstance(field, Field)
    try:
        path = parse_path(f"event.payload.given | {expression}")
    except ExpressionError:
        return None
    at = PathAt(path, field.path.at)
    plan = replace(whole(), fields=(replace(field, path=at),))
    event = {
        "name": "order.opened",
        "tenant": "t",
        "published_at": "x",
        "payload": {"given": given},
    }
    agree_on_event(replace(plan, trigger=replace(plan.trigger, when=at, identity=at)), event)
    _, is_quick = run_twins(compile_program(plan), Inputs(event))
    return is_quick


@pytest.mark.parametrize("name", file_names())
def test_every_case_of_the_suite(name: str) -> None:
    sure = [check(case.expression, case.given) for case in compliance_cases(name, number=Decimal)]
    if name != "syntax":
        assert sure.count(True) > sure.count(False) // 2


@pytest.mark.parametrize("name", file_names())
def test_every_path_of_the_suite_on_what_it_does_not_expect(name: str) -> None:
    for case in compliance_cases(name, number=Decimal):
        for odd in NULLS_AND_NUMBERS:
            check(case.expression, odd)


@settings(
    max_examples=scaled(150, full=4_000),
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(any_path.flatmap(paths), documents)
def test_generated_paths(text: str, document: Any) -> None:
    check(text, document)


@pytest.mark.parametrize("given", ["B", "İ" * 64, "x" * 70, None, True, 1, ["B"], {"b": "B"}])
@pytest.mark.parametrize(
    "text", ["lower(@)", "lower(to_string(@)) == 'true'", 'contains(`["b", "1", "true"]`, @)']
)
def test_small_letters_and_lists_of_texts(text: str, given: Any) -> None:
    is_quick = check(text, given)
    assert is_quick or given is None or "lower" in text
