"""A tenant's schema cannot make the check of a body, or the explanation of its mistakes, grow without bound."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.findings.diagnostics import SourceText
from engine.findings.errors import ReadError
from engine.mapping.record_schemas import list_record_types, read_schema
from engine.mapping.record_schemas.record_schema import load_bare_schema, read_snapshot

Schema = dict[str, Any]


def node(*children: str) -> Schema:
    """A map whose member `a` fits one of several definitions."""
    return {"anyOf": [map_of(child) for child in children]}


def map_of(name: str) -> Schema:
    return {"type": "object", "properties": {"a": {"$ref": f"#/$defs/{name}"}}}


def rooted(defs: Schema) -> Schema:
    return map_of(next(iter(defs))) | {"$defs": defs}


def nested(depth: int) -> object:
    body: object = 1
    for _ in range(depth):
        body = {"a": body}
    return body


TEN_TIMES_ITSELF = rooted({"n": node(*["n"] * 10)})
MULTIPLIED = rooted(
    {f"n{step}": node(*[f"n{step + 1}"] * 4) for step in range(20)} | {"n20": {"type": "string"}}
)
REFUSED = {
    "itself ten times": TEN_TIMES_ITSELF,
    "itself by way of another": rooted({"n": node("m", "n"), "m": map_of("n")}),
    "lists of itself": rooted(
        {"n": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/n"}}] * 2}}
    ),
    "multiplied at each level": MULTIPLIED,
    "a long list": {"properties": {"a": {"enum": list(range(10_001))}}},
    "a pattern of its own": {"properties": {"a": {"pattern": "(a+)+$"}}},
    "unique items": {"properties": {"a": {"type": "array", "uniqueItems": True}}},
    "multiples": {"properties": {"a": {"multipleOf": 1e-9}}},
    "all of several": {"properties": {"a": {"allOf": [{}]}}},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_schema_whose_check_could_take_long_is_refused(name: str) -> None:
    text = SourceText("t/schemas/netsuite/salesOrder.schema.json", json.dumps(REFUSED[name]))
    with pytest.raises(ReadError) as caught:
        read_snapshot("salesOrder", text)
    assert [finding.code for finding in caught.value.findings] == ["E0807"]


@pytest.mark.parametrize(
    "schema",
    [
        rooted({"n": map_of("n")}),
        rooted({"n": {"anyOf": [{"type": "string"}, map_of("n")]}}),
        rooted({f"n{step}": node(f"n{step + 1}", "s") for step in range(5)} | {"n5": {}, "s": {}}),
    ],
    ids=["itself", "itself or a text", "a few alternatives"],
)
def test_a_schema_that_grows_by_steps_is_taken(schema: Schema) -> None:
    own = read_snapshot("salesOrder", SourceText("t/x.schema.json", json.dumps(schema)))
    assert own.accepts(nested(1)) is (own.mistakes(nested(1)) == ())


@pytest.mark.parametrize("record", list_record_types())
def test_bundled_schemas_have_the_form(record: str) -> None:
    schema = load_bare_schema(record)
    assert schema is not None
    text = SourceText("t/x.schema.json", json.dumps(schema.schema))
    assert read_snapshot(record, text).accepts({}) is schema.accepts({})


def test_an_explanation_that_would_take_long_stops_and_says_so() -> None:
    # The form refuses such a schema; the explanation does not rely on it.
    schema = read_schema("salesOrder", TEN_TIMES_ITSELF)
    (mistake,) = schema.mistakes(nested(7))
    assert "stopped" in mistake.message


def test_the_hint_about_a_long_list_is_short() -> None:
    schema = read_schema("x", {"properties": {"a": {"enum": [str(n) for n in range(9_000)]}}})
    (mistake,) = schema.mistakes({"a": "none of them"})
    assert mistake.hint is not None
    assert len(mistake.hint) < 300
