"""Which document has to be fetched next for an order. Pure: fetches nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from ..documents import write_json
from ..findings.errors import BudgetError
from ..language.budget import Budget
from ..mapping.plan import Plan, Source
from .envelope import envelope_findings, evaluate_in, why_ignored
from .inputs import Inputs
from .rest_path import path_of
from .run_context import begin
from .scope import FAILED, RunContext, ScopeNames
from .sources import NotReady, fetched, is_needed


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """What to ask NewStore for: a GraphQL query with its variables, or a REST path."""

    source: Source
    variables: dict[str, object]
    path: str | None


def next_request(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> SourceRequest | None:
    """The first source that is needed and not among the inputs.

    None when there is none, and also when the order is ignored, not ready yet or fails before:
    `run` tells which, and why. `budget` is what the order may cost; that of every order by default.
    """
    work = begin(plan, inputs, budget)
    try:
        return _next(plan, work, inputs)
    except BudgetError:
        return None


def is_wanted(plan: Plan, event: object) -> bool:
    """Whether a mapping wants an event, before anything is fetched; false for what is none."""
    if envelope_findings(event):
        return False
    assert isinstance(event, dict)
    work = begin(plan, Inputs(event))
    try:
        return why_ignored(plan, work, event) is None
    except BudgetError:
        return True


def identity_of(plan: Plan, event: object) -> str | None:
    """What makes an event the same as another one, as JSON; None where the mapping does not say.

    A path that fails or finds nothing says nothing either: the caller falls back on the payload.
    """
    path = plan.trigger.identity
    if path is None or envelope_findings(event):
        return None
    try:
        value = evaluate_in(begin(plan, Inputs(event)), path, {"event": event}, "on.identity")
    except BudgetError:
        return None
    return None if value is FAILED or value is None else write_json(value)


def request_of(source: Source, work: RunContext, roots: ScopeNames) -> SourceRequest | None:
    """What to ask for a source that is needed, by the roots before it; None where that fails.

    Raise BudgetError.
    """
    if source.rest is not None:
        path = path_of(source.rest, work, roots)
        return SourceRequest(source, {}, path) if isinstance(path, str) else None
    variables = {
        name: evaluate_in(work, path, roots, f"sources.{source.name}.variables.{name}")
        for name, path in source.variables
    }
    return None if FAILED in variables.values() else SourceRequest(source, variables, None)


def _next(plan: Plan, work: RunContext, inputs: Inputs) -> SourceRequest | None:
    if all(source.name in inputs.sources for source in plan.sources):
        return None
    if not is_wanted(plan, inputs.event):
        return None
    roots = ScopeNames(event=inputs.event, tenant=plan.tenant_facts, settings=plan.settings)
    for source in plan.sources:
        document: object = None
        if is_needed(source, work, roots):
            if source.name not in inputs.sources:
                return request_of(source, work, roots)
            document = fetched(source, work, inputs.sources[source.name])
        if isinstance(document, NotReady):
            return None
        roots[source.name] = document
    return None
