"""Every case of JMESPath's own compliance suite, with decimals and with floats."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from compliance import Case, compliance_cases, file_names

from engine.findings.errors import ExpressionError
from engine.language.budget import Budget
from engine.language.paths import evaluate_path, parse_path

FILES = [
    "basic",
    "boolean",
    "current",
    "escape",
    "filters",
    "functions",
    "identifiers",
    "indices",
    "literal",
    "multiselect",
    "pipe",
    "slice",
    "syntax",
    "unicode",
    "wildcard",
]
CODES = {
    "syntax": "E0301",
    "unknown-function": "E0302",
    "invalid-arity": "E0303",
    "invalid-type": "E0304",
    "invalid-value": "E0305",
}


def outcome(case: Case) -> Any:
    """The result, or the code of the error."""
    try:
        return evaluate_path(parse_path(case.expression), case.given, Budget())
    except ExpressionError as error:
        return error.code


def expected(case: Case) -> Any:
    return case.result if case.error is None else CODES[case.error]


def typed(value: Any) -> Any:
    """The value with each scalar's type beside it, so that 1, 1.0 and true are told apart."""
    if isinstance(value, list):
        return [typed(entry) for entry in value]
    if isinstance(value, dict):
        return {key: typed(entry) for key, entry in value.items()}
    return type(value), value


def as_floats(value: Any) -> Any:
    if isinstance(value, list):
        return [as_floats(entry) for entry in value]
    if isinstance(value, dict):
        return {key: as_floats(entry) for key, entry in value.items()}
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("name", FILES)
def test_agrees_on_every_case_with_decimals_to_the_last_digit_and_type(name: str) -> None:
    cases = list(compliance_cases(name, number=Decimal))
    disagreements = [
        (case.expression, outcome(case), expected(case))
        for case in cases
        if typed(outcome(case)) != typed(expected(case))
    ]
    assert disagreements == []


@pytest.mark.parametrize("name", FILES)
def test_agrees_on_every_case_with_floats(name: str) -> None:
    given = compliance_cases(name, number=Decimal)
    wanted = compliance_cases(name, number=float)
    disagreements = [
        (exact.expression, outcome(exact), expected(inexact))
        for exact, inexact in zip(given, wanted, strict=True)
        if typed(as_floats(outcome(exact))) != typed(expected(inexact))
    ]
    assert disagreements == []


def test_the_suite_is_the_whole_one() -> None:
    assert file_names() == FILES
    assert sum(len(list(compliance_cases(name, number=Decimal))) for name in FILES) == 851
