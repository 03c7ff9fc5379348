"""The two ways of running a mapping, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import pytest

from engine.documents import write_json
from engine.findings.errors import NotCompiledError
from engine.language.budget import STEPS_PER_ORDER, Budget
from engine.mapping.plan import Plan
from engine.orders.report.outcomes import outcome_document, outcome_line
from engine.run import Inputs, Outcome, is_wanted, read_identity, run
from engine.run.compiled import DOUBTS, Program, compile_program, get_trigger
from engine.run.compiled.mapping_function import write_function


def run_twins(program: Program, inputs: Inputs) -> tuple[Outcome, bool]:
    """The outcome, and whether the mapping's own function gave it; the interpreter gives the same.

    The same to the byte, and to how each number is held: the text of a value says both.
    """
    expected = run(program.plan, inputs)
    if program.compiled is None:
        with pytest.raises(NotCompiledError):
            write_function(program.plan)
    quick = program.attempt(inputs, DOUBTS)
    for outcome in (program.run(inputs), *([quick] if quick is not None else [])):
        assert repr(outcome) == repr(expected)
        document = {"name": "order"} | outcome_document(expected)
        assert outcome_line("order", outcome).decode() == write_json(document) + "\n"
    return expected, quick is not None


def agree_on_event(plan: Plan, event: Mapping[str, object]) -> None:
    """Whether a mapping wants a proper event, and what names it, is the same by both ways."""
    trigger = get_trigger(plan)
    assert trigger.is_wanted(event) == is_wanted(plan, event)
    assert trigger.read_identity(event) == read_identity(plan, event)
    for function in (trigger.when, trigger.identity):
        with suppress(*DOUBTS):  # a mistake of the compiler is none
            if function is not None:
                function(event, Budget(STEPS_PER_ORDER), STEPS_PER_ORDER)


def run_both(plan: Plan, inputs: Inputs) -> Outcome:
    """The outcome that both ways give."""
    return run_twins(compile_program(plan), inputs)[0]


def steps_of(plan: Plan, inputs: Inputs) -> int:
    """What an order costs the interpreter."""
    budget = Budget(STEPS_PER_ORDER)
    run(plan, inputs, budget)
    return budget.allowed - budget.remaining
