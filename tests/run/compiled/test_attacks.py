"""What once came out differently compiled, or cost more than was counted, and may not again."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from expressions.mappings import Json, plan_of
from twins import run_twins, steps_of

from engine.documents import read_json_bytes
from engine.run import Inputs
from engine.run.compiled import DOUBTS, compile_program

FIELDS: Json = {
    "s": {"path": "event.payload.s", "default": "a"},
    "t": {"path": "event.payload.t", "default": "b"},
    "b": {"path": "event.payload.b", "type": "boolean", "default": True},
    "d": {"path": "event.payload.d", "type": "decimal", "default": 1},
    "m": {"path": "event.payload.m", "type": "decimal", "default": 1},
    "ts": {"path": "event.payload.ts", "type": "list", "default": []},
}
FIRST: Json = {"record": "journalEntry", "write": "create", "external_id": "F", "body": {"a": "1"}}


def mapping(**changes: Any) -> Json:
    record = FIRST | {"external_id": "X"} | changes.pop("record", {})
    first = changes.pop("first", None)
    records = {"second": record} if first is None else {"first": FIRST | first, "second": record}
    lookups = {"r": {"values": {"a": {"b": "x"}, "c": {"b": "y"}}}}
    settings = {
        "word": {"type": "string", "default": "abc"},
        "known": {"type": "list", "default": ["y" * 5_000] * 20},
    }
    return {
        "erpmap": 1,
        "mapping": "m",
        "on": {"event": "order.opened"} | changes.pop("on", {}),
        "settings": settings,
        "fields": FIELDS | changes.pop("fields", {}),
        "lookups": lookups,
        "values": changes.pop("values", {}),
        "records": records,
    }


def inputs(payload: Json | str) -> Inputs:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    event = f'{{"tenant": "t", "name": "order.opened", "published_at": "x", "payload": {text}}}'
    return Inputs(read_json_bytes("event", event.encode()))


def body(template: str) -> Json:
    return {"record": {"body": {"a": "{{ " + template + " }}"}}}


ENTRIES: Json = {
    "each": "event.payload.items",
    "fields": {"n": "n"},
    "values": {"v": "{{ omit if n == 1 else 'k' }}"},
}
CHOICE: Json = {
    "choose": {
        "one": {"when": "event.payload.items", **ENTRIES},
        "two": {"each": "event.payload.ts", "default": [], "fields": {"m": "m"}},
    }
}
LARGE = '{"d": "1e30", "m": "0.00001"}'
YES_OR_NO = "{{ 'yes' if records.first.id is defined else 'no' }}"
DIFFERENT: dict[str, tuple[Json, Json | str]] = {
    "if refers": (
        {"first": {"if": "b"}, "record": {"if": "records.first.id is defined"}},
        {"b": False},
    ),
    "serialize refers": ({"first": {"if": "b"}, "record": {"serialize": YES_OR_NO}}, {"b": False}),
    "id refers": ({"first": {"if": "b"}, "record": {"external_id": YES_OR_NO}}, {"b": False}),
    "a quotient as text": (body("(d / m) ~ 'x'"), LARGE),
    "a quotient as money": (body("(d / m) | money('USD')"), LARGE),
    "a quotient of a type": ({"values": {"v": {"is": "{{ d / m }}", "type": "decimal"}}}, LARGE),
    "a quotient as it is": (body("d / m"), LARGE),
    "a percentage of a quotient": (body("percent(1, of=d / m, places=2)"), LARGE),
    "a lookup with fewer keys": ({"record": {"external_id": "{{ lookup('r', 'a') }}"}}, {}),
    "such a one typed": ({"values": {"v": {"is": "{{ lookup('r', 'a') }}", "type": "string"}}}, {}),
    "the truth of an id": ({"first": {}, **body("records.first.id or 'x'")}, {}),
    "omit in an entry of one choice": (
        {"fields": {"c": CHOICE}, **body("c[0].v")},
        {"items": [{"n": 1}, {"n": 2}]},
    ),
    "the truth of such an omit": (
        {"fields": {"c": CHOICE}, **body("'y' if c[0].v else 'n'")},
        {"items": [{"n": 1}]},
    ),
    "omit in a list that may be another": (
        {"fields": {"e": ENTRIES}, **body("(e if b else ts)[0].v")},
        {"items": [{"n": 1}]},
    ),
    "omit in a typed list": (
        {
            "fields": {"e": ENTRIES},
            "values": {"z": {"is": "{{ e + ts }}", "type": "list"}},
            **body("z[0].v"),
        },
        {"items": [{"n": 1}]},
    ),
    "a dotted key": (body("[{'a.b': 1, 'a': {'b': 2}}] | total('a.b')"), {}),
    "a dotted key that is none": (body("[{'a.b': 1}] | total('a.b')"), {}),
    "not an id": ({"first": {}, **body("not records.first.id")}, {}),
}
LONG = "x" * 60_000
COSTLY: dict[str, tuple[Json, Json]] = {
    "a comparison in a path": ({"fields": {"p": "event.payload.t == 'abc'"}}, {"t": LONG}),
    "a comparison in a trigger": ({"on": {"when": "event.payload.t != 'abc'"}}, {"t": LONG}),
    "comparisons in a filter": (
        {"fields": {"p": "length(event.payload.ts[?@ == 'abc'])"}},
        {"ts": [LONG[:6_400]] * 100},
    ),
    "among constants": (body("s in settings.known"), {}),
    "among parts": (body("s in (t | split(','))"), {"t": ("x" * 4_000 + ",") * 10}),
    "a list among lists": (
        body("ts in [ts, ['a', 'b'], [t]]"),
        {"ts": ["c", "d" * 900], "t": LONG},
    ),
    "texts put together": (body("(s ~ t ~ s) | length"), {"s": "a" * 900, "t": "b" * 900}),
}
HEAVY: dict[str, tuple[Json, Json]] = {
    "a long separator": (
        body("(s | split(',')) | join(t)"),
        {"s": "," * 150_000, "t": "y" * 10**6},
    ),
    "many parts": ({"record": {"body": {"a": "{{ s }}" * 400}}}, {"s": "z" * 5_000_000}),
}
CONSTANT = {
    "a setting that is defined": body("settings.word is defined"),
    "a text that is defined": body("'abc' is defined"),
    "a path that is a text": {"fields": {"p": {"path": "'a'", "default": "b"}}},
    "a key of a literal": {"fields": {"p": {"path": '`{"a": "v1"}`.a', "default": "b"}}},
    "an entry of nothing": {"fields": {"p": {"path": "`null`[0]", "default": "b"}}},
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_came_out_differently(name: str) -> None:
    changes, payload = DIFFERENT[name]
    plan = plan_of(mapping(**changes))
    assert plan is not None
    run_twins(compile_program(plan), inputs(payload))


@pytest.mark.parametrize("name", COSTLY)
def test_what_cost_more_than_was_counted(name: str) -> None:
    changes, payload = COSTLY[name]
    plan = plan_of(mapping(**changes))
    assert plan is not None
    order = inputs(payload)
    run_twins(compile_program(plan), order)
    assert compile_program(plan).attempt(order, DOUBTS, steps_of(plan, order) - 1) is None


@pytest.mark.parametrize("name", HEAVY)
def test_what_took_memory_before_it_was_refused(name: str) -> None:
    changes, payload = HEAVY[name]
    plan = plan_of(mapping(**changes))
    assert plan is not None
    program = compile_program(plan)
    assert program.compiled is not None
    assert program.attempt(inputs(payload), DOUBTS) is None


@pytest.mark.parametrize("name", CONSTANT)
def test_python_warns_of_nothing(name: str) -> None:
    plan = plan_of(mapping(**CONSTANT[name]))
    assert plan is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = compile_program(plan)
    assert program.compiled is not None
    run_twins(program, inputs({}))
