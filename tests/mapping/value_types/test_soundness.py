"""What types say of an expression holds for every value: they are inferred from less than is there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from expressions.paths import documents, paths
from expressions.templates import templates
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from engine.findings.errors import ExpressionError
from engine.language.budget import Budget
from engine.language.functions.values import kind_of
from engine.language.paths import evaluate_path, parse_path
from engine.language.templates import OMIT, Scope, evaluate, parse_expression
from engine.mapping.value_types.path_types import check_path
from engine.mapping.value_types.source_types import type_value
from engine.mapping.value_types.template_types import TemplateScope, check_template
from engine.mapping.value_types.value_type import ANYTHING, ValueType, unite

KINDS = ("number", "text", "numbers", "texts", "records", "condition", "path")


def holds(found: ValueType, value: object) -> bool:
    """Return whether a type describes a value, its entries and its members; no value may be anywhere."""
    if value is None or value is OMIT or not found.is_known:
        return True
    if kind_of(value) not in found.kinds:
        return False
    if isinstance(value, list | tuple) and found.entry is not None:
        return all(holds(found.entry, each) for each in value)
    if isinstance(value, dict):
        return all(holds(found.members.get(key, ANYTHING), each) for key, each in value.items())
    return True


@given(
    data=st.data(), kind=st.sampled_from(KINDS), several=st.lists(documents, min_size=1, max_size=3)
)
def test_the_type_of_a_path_describes_what_it_finds(
    data: st.DataObject, kind: str, several: list[Any]
) -> None:
    path = parse_path(data.draw(paths(kind)))
    found, _ = check_path(path, unite(type_value(each) for each in several))
    for document in several:
        with suppress(ExpressionError):
            value = evaluate_path(path, document, Budget())
            assert holds(found, value), (path.text, document, value, found)


@given(data=st.data(), kind=st.sampled_from(KINDS), document=documents)
def test_a_path_refused_for_its_arguments_fails(
    data: st.DataObject, kind: str, document: Any
) -> None:
    """Where the type is that of this very document, and the call is evaluated at all: any function takes a list without entries."""
    path = parse_path(data.draw(paths(kind)))
    _, mistakes = check_path(path, type_value(document))
    if path.tree["type"] == "function_expression" and any(
        each.code == "E0304" and each.offset == path.tree["children"][0].get("offset")
        for each in mistakes
    ):
        argument = replace(path, tree=path.tree["children"][0])
        with suppress(ExpressionError):
            assume(evaluate_path(argument, document, Budget()) != [])
        with pytest.raises(ExpressionError):
            evaluate_path(path, document, Budget())


ITEMS = [
    {"id": "1", "name": "Cap", "qty": 1, "price": Decimal("2.50"), "sum": Decimal(5)},
    {"id": "2", "name": "Tee", "qty": 2, "price": 3, "sum": 6},
]
NAMES: dict[str, object] = {
    "n": 3,
    "d": Decimal("2.25"),
    "m": Decimal("19.99"),
    "u": 0,
    "t": "abc",
    "s": "a",
    "b": True,
    "w": datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
    "o": {"k": 1, "name": "Ann", "deep": {"x": 1}},
    "x": None,
    "ns": [1, 2],
    "ts": ["a", "b"],
    "items": ITEMS,
    "chosen": ITEMS[:1],
    "currency": "EUR",
    "settings": {"rate": 2, "word": "w", "zone": "UTC", "known": ["a"]},
}


def no_rows(*_: object) -> object:
    raise ExpressionError("E0601", "no rows here")


@given(data=st.data(), kind=st.sampled_from(("number", "text", "truth", "list", "any")))
def test_the_type_of_a_template_describes_its_value(data: st.DataObject, kind: str) -> None:
    text = data.draw(templates(kind))
    try:
        template = parse_expression(text)
    except ExpressionError:
        reject()  # a filter behind an operator needs brackets
    types = {name: type_value(value, name) for name, value in NAMES.items()}
    scope = TemplateScope(
        names=types,
        lookup=lambda _name, _count: ANYTHING,
    )
    found, mistakes = check_template(template, scope)
    try:
        value = evaluate(template, Scope(names=NAMES, lookup=no_rows, currency="EUR"), Budget())
    except ExpressionError:
        return
    assert holds(found, value), (text, value, found)
    if not any(word in text for word in (" if ", " or ", " and ", "default", "defined", "none")):
        refused = [each for each in mistakes if each.code in ("E0411", "E0412", "E0414", "E0415")]
        assert not refused, (text, value, refused)
