"""Every order there is in the repository: its mapping's own function and the interpreter agree."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from every_case import CASES, TENANTS, order_in
from twins import agree_on_event, run_twins, steps_of

from engine.documents import read_json_bytes
from engine.mapping.load import load_tenant, open_folder
from engine.orders.order import read_order
from engine.run import RunState, check_envelope
from engine.run.compiled import Program, compile_program, get_trigger


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
        is_worded = outcome.state is RunState.NOT_READY and str(outcome.detail).startswith("ready.")
        assert is_quick or outcome.state is RunState.FAILED or is_worded
        if is_quick:
            # What the function counts is never less than what the interpreter does.
            steps = steps_of(program.plan, inputs)
            assert program.attempt(inputs, steps=steps - 1) is None


# Nothing, and what is written in a way that has to be kept or is more than a function holds.
ODD: Any = read_json_bytes("odd", b'[null, "", [], {}, true, 0, 1e2, 1.50, -0.0, [{"a": 1E+2}]]')


@pytest.mark.parametrize(("tenant", "folder"), CASES, ids=lambda part: getattr(part, "name", part))
def test_both_ways_want_the_same_events_and_name_them_alike(tenant: str, folder: Path) -> None:
    """The order's own, and with each member of its payload changed."""
    event: Any = read_order(folder).event
    if check_envelope(event):
        return
    for program in programs(tenant):
        trigger = get_trigger(program.plan)
        assert (trigger.when is None) == (program.plan.trigger.when is None)
        assert (trigger.identity is None) == (program.plan.trigger.identity is None)
        agree_on_event(program.plan, event)
        for member in event["payload"]:
            for odd in ODD:
                agree_on_event(
                    program.plan, {**event, "payload": {**event["payload"], member: odd}}
                )
