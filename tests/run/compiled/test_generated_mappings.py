"""Generated mappings and orders, hostile ones included: both ways of running give the same.

Before a release 3,000 mappings are tried with four orders each (`--full`), else 60, others each time.
"""

from __future__ import annotations

from expressions.mappings import Json, inputs, mappings, plan_of
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from scale import scaled
from twins import run_twins, steps_of

from engine.run import Inputs, RunState
from engine.run.compiled import compile_program

many = settings(
    max_examples=scaled(60, full=3_000),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@many
@given(mappings(), st.lists(inputs(), min_size=4, max_size=4))
def test_both_ways_agree(mapping: Json, orders: list[Inputs]) -> None:
    plan = plan_of(mapping)
    assume(plan is not None)
    assert plan is not None
    program = compile_program(plan)
    event("compiled" if program.compiled is not None else "interpreted")
    for order in orders:
        outcome, is_quick = run_twins(program, order)
        done = outcome.state is not RunState.FAILED
        event(f"{outcome.state}, {'quick' if is_quick else 'in doubt'}")
        assert not (is_quick and not done)
        if is_quick:
            # What the function counts is never less than what the interpreter does.
            steps = steps_of(plan, order)
            assert program.attempt(order, steps=steps - 1) is None
