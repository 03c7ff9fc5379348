"""Run one order: event → sources → ready → fields → values → lines → records → proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..findings.diagnostics import Finding
from ..findings.errors import BudgetError
from ..language.budget import Budget
from ..mapping.plan import Plan
from .envelope import read_order_number
from .extract import extract_fields
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .order_lines import build_lines
from .outcome import Outcome, RunState
from .payloads import build_payloads
from .prove import add_confirmations, prove_payloads
from .run_context import begin_run
from .scope import RunContext
from .sources import NotReady


def run(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> Outcome:
    """Render one event. The same plan and inputs always give the same outcome.

    Nothing in the plan or the inputs makes it raise: the outcome has findings instead, and then no
    payloads. `budget` holds the steps the order may take, by default those of every order.
    """
    return run_in(plan, begin_run(plan, inputs, budget), inputs)


def run_in(plan: Plan, context: RunContext, inputs: Inputs) -> Outcome:
    """Render one event in a new context, as `run` does; afterwards the context holds the order's names."""
    order = read_order_number(inputs.event)
    outcome = Outcome(tenant=plan.tenant, mapping=plan.name, order=order, state=RunState.FAILED)
    try:
        return _run_event(plan, context, inputs, outcome)
    except BudgetError as error:
        if not any(code == error.code for code, _, _ in context.findings.unique):
            context.findings.add(Finding(error.code, error.message, hint=error.hint))
        return _fail(outcome, context)


def _run_event(plan: Plan, context: RunContext, inputs: Inputs, outcome: Outcome) -> Outcome:
    opened = open_event(plan, context, inputs)
    if opened is None:
        return _fail(outcome, context)
    if isinstance(opened, IgnoredEvent):
        return replace(outcome, state=RunState.IGNORED, reason=opened.rule)
    if isinstance(opened, NotReady):
        waiting = replace(
            outcome, state=RunState.NOT_READY, reason=opened.rule, detail=opened.missing
        )
        return replace(waiting, found=opened.found)
    return _render(plan, context, opened, outcome)


def _render(
    plan: Plan, context: RunContext, roots: Mapping[str, object], outcome: Outcome
) -> Outcome:
    extract_fields(plan, context, roots)
    build_lines(plan, context)
    payloads = build_payloads(plan, context)
    if payloads is None or context.findings.unique:
        return _fail(outcome, context)
    proofs = prove_payloads(plan, context, payloads)
    finished = add_confirmations(plan, context, payloads)
    if context.findings.unique:
        return replace(_fail(outcome, context), proofs=proofs)
    return replace(outcome, state=RunState.RENDERED, payloads=finished, proofs=proofs)


def _fail(outcome: Outcome, context: RunContext) -> Outcome:
    return replace(outcome, state=RunState.FAILED, findings=context.findings.in_order())
