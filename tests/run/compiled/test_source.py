"""The written source: author's texts stay texts, names are used again, sums of whole numbers are bounded."""

from __future__ import annotations

from typing import Any

import pytest
from expressions.mappings import Json, plan_of
from twins import run_twins

from engine.run import Inputs
from engine.run.compiled import compile_program, format_function
from engine.run.compiled.peephole import shorten_statements
from engine.run.compiled.variables import reuse_names

ODD_TEXTS = (
    "v3",
    "'v1'",
    'v2 "v1"',
    "whole_of_parts",
    "# v1",
    "a\\'; raise X",
    "\n v9 = 1",
    "k0",
    "é🎁",
)


def mapping_of(values: Json) -> Json:
    return {
        "erpmap": 1,
        "mapping": "m",
        "on": {"event": "order.opened"},
        "fields": {"n": {"path": "event.payload.n", "type": "integer"}, "s": "event.payload.s"},
        "values": values,
        "records": {
            "record": {
                "record": "journalEntry",
                "write": "create",
                "external_id": "X",
                "body": {name: "{{ " + name + " | default(omit) }}" for name in values},
            }
        },
    }


def order(n: int, s: str) -> Inputs:
    payload: dict[str, Any] = {"n": n, "s": s}
    event = {"tenant": "t", "name": "order.opened", "published_at": "x", "payload": payload}
    return Inputs(event)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_a_text_of_an_author_stays_a_text(text: str) -> None:
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
    values = {
        "a": "{{ " + quoted + " if s == " + quoted + " else 'other' }}",
        "b": "{{ (s or " + quoted + ") ~ " + quoted + " }}",
        "v1": "{{ s == " + quoted + " and " + quoted + " in [s, " + quoted + "] }}",
    }
    plan = plan_of(mapping_of(values))
    assert plan is not None
    program = compile_program(plan)
    assert program.compiled is not None
    for s in (text, "", "other"):
        _, is_quick = run_twins(program, order(1, s))
        assert is_quick
    assert "# values.v1" in format_function(plan)


def test_whole_numbers_that_grow_end_as_they_do_interpreted() -> None:
    values = {"x0": "{{ n }}"}
    values |= {f"x{i + 1}": "{{ " + f"x{i} + x{i}" + " }}" for i in range(140)}
    plan = plan_of(mapping_of(values))
    assert plan is not None
    run_twins(compile_program(plan), order(1, ""))
    run_twins(compile_program(plan), order(0, ""))


def test_branches_become_expressions_and_texts_are_left_alone() -> None:
    assert shorten_statements(["if a:", " v1 = b", "else:", " v1 = c", "d"]) == [
        "v1 = b if a else c",
        "d",
    ]
    untouched = ["v3 = 'a'", "if v2 == 'size v3':", " v3 = v1", ""]
    assert shorten_statements(untouched) == untouched


def test_names_are_used_again_but_not_in_texts_comments_and_loops() -> None:
    source = "v5 = 1\n# v5\nv6 = v5\nv7 = 'v6'\nfor v8 in v7:\n v9 = v6\nv10 = v9"
    written = reuse_names(source)
    names: dict[str, Any] = {}
    exec(written, names)
    assert "# v5" in written
    assert "'v6'" in written
    last = written.rsplit("\n", 1)[1].split(" = ")[0]
    assert names[last] == 1
