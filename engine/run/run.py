"""The whole way of one order: event → sources → ready → fields → values → lines → records → proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..findings.diagnostics import Finding
from ..findings.errors import BudgetError
from ..language.budget import Budget
from ..mapping.plan import Plan
from .envelope import order_named_in
from .extract import extract
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .outcome import Outcome, RunState
from .payloads import build_payloads
from .prove import confirmed, prove
from .run_context import begin
from .scope import RunContext
from .sources import NotReady
from .sublist import build_lines


def run(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> Outcome:
    """Render one event. The same plan and inputs give the same outcome, always.

    Never raises for anything the plan or the inputs hold: the outcome has findings instead, and
    then no payloads. `budget` is what the order may cost; that of every order by default.
    """
    work = begin(plan, inputs, budget)
    order = order_named_in(inputs.event)
    blank = Outcome(plan.tenant, plan.name, order, RunState.FAILED)
    try:
        return _through(plan, work, inputs, blank)
    except BudgetError as error:
        if not any(code == error.code for code, _, _ in work.trouble.found):
            work.trouble.add(Finding(error.code, error.message, hint=error.hint))
        return _failed(blank, work)


def _through(plan: Plan, work: RunContext, inputs: Inputs, blank: Outcome) -> Outcome:
    opened = open_event(plan, work, inputs)
    if opened is None:
        return _failed(blank, work)
    if isinstance(opened, IgnoredEvent):
        return replace(blank, state=RunState.IGNORED, reason=opened.rule)
    if isinstance(opened, NotReady):
        waiting = replace(blank, state=RunState.NOT_READY, reason=opened.rule, detail=opened.what)
        return replace(waiting, found=opened.found)
    return _render(plan, work, opened, blank)


def _render(plan: Plan, work: RunContext, roots: Mapping[str, object], blank: Outcome) -> Outcome:
    extract(plan, work, roots)
    build_lines(plan, work)
    payloads = build_payloads(plan, work)
    if payloads is None or work.trouble.found:
        return _failed(blank, work)
    proofs = prove(plan, work, payloads)
    finished = confirmed(plan, work, payloads)
    if work.trouble.found:
        return replace(_failed(blank, work), proofs=proofs)
    return replace(blank, state=RunState.RENDERED, payloads=finished, proofs=proofs)


def _failed(blank: Outcome, work: RunContext) -> Outcome:
    return replace(blank, state=RunState.FAILED, findings=work.trouble.findings())
