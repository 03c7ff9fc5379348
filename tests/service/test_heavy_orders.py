"""Heavy orders run in processes with limits, light ones at once; outcomes are those of a direct run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from every_case import CASES, TENANTS, order_in
from expressions.mappings import Json, plan_of

from engine.delivery import Systems
from engine.delivery.prepare import render
from engine.documents import read_json_bytes
from engine.findings.errors import HeavyOrderError
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.processes import ProcessLimits, ProcessPool
from engine.run import Inputs, Outcome, RunState
from engine.run.compiled import find_next_request
from engine.run.compiled import render as render_order
from engine.service.dispatch.fair_evaluator import FairEvaluator

# Steps in proportion to the square of the number of items.
SQUARE: Json = {
    "erpmap": 1,
    "mapping": "m",
    "on": {"event": "order.opened"},
    "fields": {"items": {"path": "event.payload.items", "type": "list"}},
    "values": {"sum": "{{ items | map('n') | length }}"},
    "lines": {"item": {"for": "line in items", "body": {"rate": "{{ items | total('n') }}"}}},
    "records": {
        "one": {
            "record": "invoice",
            "write": "create",
            "external_id": "X",
            "body": {"item": {"items": "{{ lines.all }}"}},
        }
    },
}


def inputs(count: int) -> Inputs:
    payload = {"id": "1", "items": [{"n": 1}] * count}
    event = {"tenant": "t", "name": "order.opened", "published_at": "x", "payload": payload}
    return Inputs(read_json_bytes("event", json.dumps(event).encode()))


def square_plan() -> Plan:
    plan = plan_of(SQUARE)
    assert plan is not None
    return plan


def with_evaluator(
    use: Callable[[FairEvaluator], Awaitable[None]],
    limits: ProcessLimits | None = None,
    **options: Any,
) -> None:
    async def run() -> None:
        pool = ProcessPool(2, limits)
        try:
            await use(FairEvaluator(pool, **options))
        finally:
            await pool.close()

    asyncio.run(run())


class Counting(ProcessPool):
    """Counts the calls that reach a process."""

    calls = 0

    async def call(self, *given: Any, **options: Any) -> Any:
        self.calls += 1
        return await super().call(*given, **options)


def test_a_light_order_needs_no_process_and_a_heavy_one_gives_the_same_outcome() -> None:
    plan = square_plan()

    async def run() -> None:
        pool = Counting(2)
        try:
            evaluator = FairEvaluator(pool)
            light = await evaluator.evaluate(render_order, plan, inputs(10))
            assert (light, pool.calls) == (render_order(plan, inputs(10)), 0)
            heavy = await evaluator.evaluate(render_order, plan, inputs(200))
            assert (repr(heavy), pool.calls) == (repr(render_order(plan, inputs(200))), 1)
            assert heavy.state is RunState.RENDERED
            beyond = await evaluator.evaluate(render_order, plan, inputs(2_000))
            assert [finding.code for finding in beyond.findings] == ["E0901"]
        finally:
            await pool.close()

    asyncio.run(run())


def test_every_case_has_the_same_outcome_in_a_process() -> None:
    """No step is light: sources, outcomes, findings and their places come back as they were."""

    async def use(evaluator: FairEvaluator) -> None:
        for tenant, folder in CASES[::7]:
            for plan in load_tenant(open_folder(TENANTS[tenant]), tenant).plans:
                order = order_in(tenant, folder, plan)
                for question in (render_order, find_next_request):
                    found = await evaluator.evaluate(question, plan, order)
                    assert repr(found) == repr(question(plan, order))

    with_evaluator(use, light_steps=0)


def test_an_order_that_needs_more_than_a_process_may_is_parked_with_a_finding() -> None:
    plan = square_plan()

    async def use(evaluator: FairEvaluator) -> None:
        with pytest.raises(HeavyOrderError, match="more than"):
            await evaluator.evaluate(render_order, plan, inputs(200))
        systems = Systems(None, None, None, None, evaluator=evaluator)  # type: ignore[arg-type] # nothing is asked
        outcome: Outcome = await render(plan, inputs(200), systems)
        assert [finding.code for finding in outcome.findings] == ["E0907"]
        assert outcome.state is RunState.FAILED

    with_evaluator(use, ProcessLimits(seconds=0.01))


def test_heavy_orders_of_one_tenant_delay_no_light_order_of_another() -> None:
    plan = square_plan()
    neighbour = replace(plan, tenant="neighbour")

    async def use(evaluator: FairEvaluator) -> None:
        heavy = [
            asyncio.create_task(evaluator.evaluate(render_order, plan, inputs(2_000)))
            for _ in range(10)
        ]
        await asyncio.sleep(0)
        for _ in range(20):
            await evaluator.evaluate(render_order, neighbour, inputs(10))
        assert sum(task.done() for task in heavy) <= 1
        await asyncio.gather(*heavy)

    with_evaluator(use)
