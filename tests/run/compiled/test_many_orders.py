"""What a program remembers from order to order changes nothing: neither answers nor makes of bodies."""

from __future__ import annotations

from typing import Any

import pytest
from expressions.mappings import Json, inputs, mappings, plan_of
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from scale import scaled
from twins import run_twins

from engine.documents import read_json_bytes
from engine.run import Inputs, RunState
from engine.run.compiled import Program, compile_program

# A sales order of which most fields are looked at by their values: dates, choices, whole numbers.
MAPPING: Json = {
    "erpmap": 1,
    "mapping": "m",
    "on": {"event": "order.opened"},
    "fields": {
        "currency": "event.payload.currency",
        "date": "event.payload.date",
        "any": {"path": "event.payload.any", "optional": True},
        "number": {"path": "event.payload.number", "type": "decimal"},
        "items": {
            "each": "event.payload.items",
            "fields": {"text": "text", "n": {"path": "n", "type": "decimal"}, "kind": "kind"},
        },
    },
    "lookups": {"word": {"values": {"a": {"b": "x"}, "*": {"b": "y"}}, "key": ["one", "two"]}},
    "lines": {
        "item": {
            "for": "line in items",
            "body": {
                "amount": "{{ line.n | money }}",
                "custcol_a": "{{ line.text }}",
                "item": {"id": "{{ line.kind }}"},
            },
        }
    },
    "records": {
        "order": {
            "record": "salesOrder",
            "write": "create",
            "external_id": "SO-1",
            "body": {
                "memo": "{{ any | default(omit) }}",
                "entity": {"id": "{{ any | default(omit) }}"},
                "otherRefNum": "{{ lookup('word', any | default('a'), 'b') }}",
                "item": {"items": "{{ lines.all }}"},
            },
        }
    },
    "checks": {
        "sum": {"terms": {"a": "{{ lines.all | stored }}"}, "sums_to": "{{ items | total('n') }}"}
    },
}
# Fields of a body and of a line whose schemas look at values: each is tried beside the others.
DECIDING: dict[str, list[tuple[str, Any]]] = {
    "body": [
        ("tranDate", "{{ date }}"),
        ("shipDate", "{{ date }}"),
        ("exchangeRate", "{{ number }}"),
        ("tranId", "{{ date }}"),
        ("billingAddress", {"country": {"id": "{{ date }}"}, "state": "{{ any | default(omit) }}"}),
        (
            "billingAddress",
            {"country": "US", "state": "{{ any | default(omit) }}", "zip": "{{ date }}"},
        ),
        ("billCountry", "{{ any | default(omit) }}"),
    ],
    "line": [
        ("closeDate", "{{ line.text }}"),
        ("daysLate", "{{ line.n }}"),
        ("itemType", {"id": "{{ line.kind }}"}),
        ("quantity", "{{ line.n }}"),
    ],
}
TEXTS = (
    '"a"',
    '"2026-12-01"',
    '"2026-13-01"',
    '"InvtPart"',
    '"Nothing"',
    '"US"',
    '"NY"',
    '"New York"',
    f'"{"é" * 45}"',
    f'"{"x" * 46}"',
    f'"{"x" * 1000}"',
    "5",
    "true",
    "2.0",
    "null",
)


@st.composite
def orders(draw: st.DrawFn) -> Inputs:
    def one(*usual: str) -> str:
        return draw(st.sampled_from(usual or TEXTS))

    items = ", ".join(
        f'{{"text": {one()}, "n": {one("1", "2.0", "2.5", "-3")}, "kind": {one()}}}'
        for _ in range(draw(st.integers(0, 2)))
    )
    payload = (
        f'{{"currency": "USD", "date": {one()}, "any": {one()}, "number": {one("1", "1.5")},'
        f' "items": [{items}]}}'
    )
    event = f'{{"tenant": "t", "name": "order.opened", "published_at": "x", "payload": {payload}}}'
    return Inputs(read_json_bytes("event", event.encode()))


def program_with(body: Json, line: Json) -> Program:
    mapping: Any = {**MAPPING, "records": {"order": {**MAPPING["records"]["order"]}}}
    own = mapping["records"]["order"]
    own["body"] = own["body"] | body
    item = MAPPING["lines"]["item"]
    mapping["lines"] = {"item": item | {"body": item["body"] | line}}
    plan = plan_of(mapping)
    assert plan is not None
    program = compile_program(plan)
    assert program.compiled is not None
    return program


PROGRAMS = [
    *(pytest.param({key: value}, {}, id=key) for key, value in DECIDING["body"]),
    *(pytest.param({}, {key: value}, id=key) for key, value in DECIDING["line"]),
    pytest.param({}, {}, id="none"),
]


@pytest.mark.parametrize(("body", "line"), PROGRAMS)
def test_one_order_after_another(body: Json, line: Json) -> None:
    program = program_with(body, line)

    @settings(
        max_examples=scaled(30, full=600), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(orders(), min_size=8, max_size=8))
    def in_a_row(many: list[Inputs]) -> None:
        for order in many:
            run_twins(program, order)

    in_a_row()


def test_most_of_what_is_generated_is_compiled() -> None:
    counts = {"mappings": 0, "compiled": 0}

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mappings())
    def count(mapping: Json) -> None:
        plan = plan_of(mapping)
        if plan is not None:
            counts["mappings"] += 1
            counts["compiled"] += compile_program(plan).compiled is not None

    count()
    assert counts["compiled"] > counts["mappings"] * 0.8


def test_what_is_compiled_renders_orders_too() -> None:
    """Not only what fails or is ignored is compared: what is generated has orders that come through."""

    def is_rendered(drawn: tuple[Json, Inputs]) -> bool:
        plan = plan_of(drawn[0])
        outcome = None if plan is None else compile_program(plan).attempt(drawn[1])
        return outcome is not None and outcome.state is RunState.RENDERED

    many = settings(max_examples=3_000, deadline=None, phases=[Phase.generate], database=None)
    find(st.tuples(mappings(), inputs()), is_rendered, settings=many)
