"""Fetches an event's sources, queries its lookups and runs the mapping.

Nothing is written: a dry run against live systems does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..findings.diagnostics import Finding, select_errors
from ..findings.errors import (
    AddressError,
    ErpmapError,
    HeavyOrderError,
    LedgerError,
    NoAnswerError,
    ShopError,
)
from ..mapping.plan import Plan
from ..run import Inputs, Outcome, RunState, read_order_number
from ..run.compiled import find_next_request
from ..run.compiled import render as render_order
from ..run.ledger import Answer, Verdict, answer_in
from .steps import FETCH, LOOKUPS, RENDER
from .systems import Systems

_ERROR_CLASSES = {"connect": "connect", "timeout": "timeout", "broken": "timeout"}
_ERROR_VERDICTS = {
    "throttled": Verdict.THROTTLED,
    "blocked": Verdict.THROTTLED,
    "unavailable": Verdict.UNAVAILABLE,
    "malformed": Verdict.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """The inputs of an order and their outcome."""

    inputs: Inputs
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NotPrepared:
    """A system did not deliver a source or a lookup; `answer` is its answer."""

    answer: Answer


async def prepare(plan: Plan, event: object, systems: Systems) -> Prepared | NotPrepared:
    """Fetch what a mapping needs for an event, and run it. Raise nothing that a system or an order does."""
    try:
        inputs = await _fetch_sources(plan, Inputs(event), systems)
        with systems.steps.step(LOOKUPS):
            tables, findings = await systems.lookups.tables(plan, inputs)
    except LedgerError as error:
        return NotPrepared(answer_in(error))
    except AddressError as error:
        return NotPrepared(Answer(Verdict.REFUSED, "4xx", words=str(error)))
    except (ShopError, NoAnswerError) as error:
        return NotPrepared(_convert_error(error))
    except HeavyOrderError as error:
        return Prepared(Inputs(event), _fail(plan, event, (_too_heavy(error),)))
    if select_errors(findings):  # without the tables, a run would only report that they are missing
        return Prepared(inputs, _fail(plan, event, findings))
    inputs = replace(inputs, tables={**inputs.tables, **tables})
    outcome = await render(plan, inputs, systems)
    return Prepared(inputs, replace(outcome, findings=(*findings, *outcome.findings)))


async def render(plan: Plan, inputs: Inputs, systems: Systems) -> Outcome:
    """Run the mapping."""
    with systems.steps.step(RENDER):
        try:
            return await systems.evaluator.evaluate(render_order, plan, inputs)
        except HeavyOrderError as error:
            return _fail(plan, inputs.event, (_too_heavy(error),))


def _too_heavy(error: HeavyOrderError) -> Finding:
    return Finding("E0907", str(error), hint="look for a projection or a loop inside another one")


def _fail(plan: Plan, event: object, findings: tuple[Finding, ...]) -> Outcome:
    return Outcome(
        tenant=plan.tenant,
        mapping=plan.name,
        order=read_order_number(event),
        state=RunState.FAILED,
        findings=findings,
    )


async def _fetch_sources(plan: Plan, inputs: Inputs, systems: Systems) -> Inputs:
    """Fetch every source that is needed, in order: a later source may need an earlier one."""
    while request := await systems.evaluator.evaluate(find_next_request, plan, inputs):
        with systems.steps.step(FETCH, request.source.name):
            document = await systems.shop.fetch(request)
        sources: Mapping[str, object] = {**inputs.sources, request.source.name: document}
        inputs = replace(inputs, sources=sources)
    return inputs


def _convert_error(error: ErpmapError) -> Answer:
    """Return a failed read as an answer, to which a retry rule applies."""
    if isinstance(error, ShopError):
        verdict = _ERROR_VERDICTS.get(error.kind, Verdict.REFUSED)
        class_ = "5xx" if verdict is Verdict.UNAVAILABLE else "4xx"
        return Answer(
            verdict=verdict,
            class_=class_,
            status=error.status,
            words=str(error),
            retry_after=error.retry_after,
        )
    assert isinstance(error, NoAnswerError)
    return Answer(Verdict.UNAVAILABLE, _ERROR_CLASSES.get(error.kind, "5xx"), words=str(error))
