"""The whole way of one order: event → sources → ready → fields → values → lines → records → proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..diagnostics import Finding
from ..errors import BudgetError
from ..language.budget import Budget
from ..plan import Plan
from .beginning import begin
from .documents import NotReady, gather, not_ready
from .envelope import envelope_findings, order_named_in, why_ignored
from .extract import extract
from .inputs import Inputs
from .names import Work
from .outcome import Outcome, State
from .payloads import build_payloads
from .prove import confirmed, prove
from .sublist import build_lines


def run(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> Outcome:
    """Render one event. The same plan and inputs give the same outcome, always.

    Never raises for anything the plan or the inputs hold: the outcome has findings instead, and
    then no payloads. `budget` is what the order may cost; that of every order by default.
    """
    work = begin(plan, inputs, budget)
    order = order_named_in(inputs.event)
    blank = Outcome(plan.tenant, plan.name, order, State.FAILED)
    try:
        return _through(plan, work, inputs, blank)
    except BudgetError as error:
        if not any(code == error.code for code, _, _ in work.trouble.found):
            work.trouble.add(Finding(error.code, error.message, hint=error.hint))
        return _failed(blank, work)


def _through(plan: Plan, work: Work, inputs: Inputs, blank: Outcome) -> Outcome:
    for finding in envelope_findings(inputs.event):
        work.trouble.add(finding)
    if work.trouble.found:
        return _failed(blank, work)
    assert isinstance(inputs.event, dict)
    ignored = why_ignored(plan, work, inputs.event)
    if ignored is not None:
        return replace(blank, state=State.IGNORED, reason=ignored)
    roots = gather(plan, work, inputs)
    if work.trouble.found:
        return _failed(blank, work)
    waiting = roots if isinstance(roots, NotReady) else not_ready(plan, work, roots)
    if work.trouble.found:
        return _failed(blank, work)
    if waiting is not None:
        return replace(blank, state=State.NOT_READY, reason=waiting.rule, detail=waiting.what)
    assert not isinstance(roots, NotReady)
    return _render(plan, work, roots, blank)


def _render(plan: Plan, work: Work, roots: Mapping[str, object], blank: Outcome) -> Outcome:
    extract(plan, work, roots)
    build_lines(plan, work)
    payloads = build_payloads(plan, work)
    if payloads is None or work.trouble.found:
        return _failed(blank, work)
    proofs = prove(plan, work, payloads)
    finished = confirmed(plan, work, payloads)
    if work.trouble.found:
        return replace(_failed(blank, work), proofs=proofs)
    return replace(blank, state=State.RENDERED, payloads=finished, proofs=proofs)


def _failed(blank: Outcome, work: Work) -> Outcome:
    return replace(blank, state=State.FAILED, findings=work.trouble.findings())
