"""A tenant's GraphQL types are counted before they are checked; what is too much is a finding with the figure."""

from __future__ import annotations

import pytest

from engine.findings.diagnostics import SourceText
from engine.findings.errors import SpecError
from engine.mapping.plan.selection.graphql_types import read_schema

QUERY = "type Query { a: Int }\n"


def interfaces(count: int) -> str:
    """Interfaces of which each implements all before it."""
    names = [f"I{number}" for number in range(count)]
    return QUERY + "".join(
        f"interface {name}{' implements ' + ' & '.join(names[:n]) if n else ''} {{ a: Int }}\n"
        for n, name in enumerate(names)
    )


TOO_MUCH = {
    "120,000 directives": (QUERY + "scalar A" + " @a" * 120_000, "5,000 directives in use"),
    "directives of fields": (
        QUERY + "type A {" + "a: Int @a @a @a\n" * 2_000 + "}",
        "5,000 directives in use",
    ),
    "600 interfaces": (interfaces(600), "60,000 fields of interfaces to compare"),
    "scalars": (QUERY + "".join(f"scalar S{n}\n" for n in range(10_001)), "10,000 types"),
    "fields": (
        QUERY + "type A {" + "".join(f"a{n}: Int\n" for n in range(60_001)) + "}",
        "60,000 fields and arguments",
    ),
    "tokens": (QUERY + "scalar A" + " @a" * 200_001, "400000 tokens"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_many_types_are_a_finding(name: str) -> None:
    content, figure = TOO_MUCH[name]
    with pytest.raises(SpecError) as caught:
        read_schema(SourceText("t/schemas/newstore.graphql", content))
    (finding,) = caught.value.findings
    assert finding.code == "E1008"
    assert figure in finding.message


def test_some_interfaces_are_taken() -> None:
    assert "I9" in read_schema(SourceText("t.graphql", interfaces(10))).type_map
