"""Every order there is in the repository: its mapping's own function and the interpreter agree."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from every_case import CASES, TENANTS, order_in
from twins import run_twins, steps_of

from engine.compiled import Program, compile_program
from engine.load import load_tenant, open_folder
from engine.run import State


@cache
def programs(tenant: str) -> tuple[Program, ...]:
    loaded = load_tenant(open_folder(TENANTS[tenant]), tenant)
    made = tuple(map(compile_program, loaded.plans))
    assert made
    assert all(program.compiled is not None for program in made)
    return made


@pytest.mark.parametrize(("tenant", "folder"), CASES, ids=lambda part: getattr(part, "name", part))
def test_both_ways_agree_and_the_quick_one_does_all_that_succeeds(
    tenant: str, folder: Path
) -> None:
    for program in programs(tenant):
        inputs = order_in(tenant, folder, program.plan)
        outcome, is_quick = run_twins(program, inputs)
        # What is found where more is needed, only the interpreter tells.
        is_worded = outcome.state is State.NOT_READY and str(outcome.detail).startswith("ready.")
        assert is_quick or outcome.state is State.FAILED or is_worded
        if is_quick:
            # What the function counts is never less than what the interpreter does.
            steps = steps_of(program.plan, inputs)
            assert compile_program(program.plan, steps - 1).attempt(inputs) is None
