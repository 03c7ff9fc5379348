"""Find the next document to fetch for an order. Pure: it fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ..documents import write_json
from ..findings.errors import BudgetError
from ..language.budget import Budget
from ..mapping.plan import Plan, Source
from .envelope import check_envelope, evaluate_in, find_ignoring_rule
from .inputs import Inputs
from .rest_path import build_rest_path
from .run_context import begin_run
from .scope import FAILED, RunContext, ScopeNames
from .sources import NotReady, is_needed, select_document


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """A request to the shop: a GraphQL query with its variables, or a REST path."""

    source: Source
    variables: dict[str, object]
    path: str | None


def find_next_request(
    plan: Plan, inputs: Inputs, budget: Budget | None = None
) -> SourceRequest | None:
    """Find the first source that is needed and not among the inputs.

    None if there is none, and also if the order is ignored, is not ready or fails before: the
    outcome of `run` gives the reason. `budget` holds the steps the order may take, by default those
    of every order.
    """
    context = begin_run(plan, inputs, budget)
    try:
        return _find_next(plan, context, inputs)
    except BudgetError:
        return None


# What deciding about an event may cost before it is stored; the run decides again with all its steps.
TRIGGER_STEPS = 20_000


def is_wanted(plan: Plan, event: object) -> bool:
    """Whether a mapping wants an event, before anything is fetched; false if it is not an event.

    True if that takes more than `TRIGGER_STEPS`: the run decides.
    """
    if check_envelope(event):
        return False
    assert isinstance(event, dict)
    context = begin_run(plan, Inputs(event), Budget(TRIGGER_STEPS))
    try:
        return find_ignoring_rule(plan, context, event) is None
    except BudgetError:
        return True


def read_identity(plan: Plan, event: object) -> str | None:
    """Return the identity of an event as JSON: events of one identity are the same event.

    None if the mapping defines no identity, or its path fails, finds nothing or takes more than
    `TRIGGER_STEPS`: the caller then compares payloads.
    """
    path = plan.trigger.identity
    if path is None or check_envelope(event):
        return None
    try:
        context = begin_run(plan, Inputs(event), Budget(TRIGGER_STEPS))
        value = evaluate_in(context, path, {"event": event}, "on.identity")
    except BudgetError:
        return None
    return None if value is FAILED or value is None else write_json(value)


def build_request(source: Source, context: RunContext, roots: ScopeNames) -> SourceRequest | None:
    """Build the request of a needed source from the roots before it; None if that fails.

    Raise BudgetError.
    """
    if source.rest is not None:
        path = build_rest_path(source.rest, context, roots)
        return SourceRequest(source, {}, path) if isinstance(path, str) else None
    variables = {
        name: evaluate_in(context, path, roots, f"sources.{source.name}.variables.{name}")
        for name, path in source.variables
    }
    return None if FAILED in variables.values() else SourceRequest(source, variables, None)


def _find_next(plan: Plan, context: RunContext, inputs: Inputs) -> SourceRequest | None:
    if all(source.name in inputs.sources for source in plan.sources):
        return None
    if not is_wanted(plan, inputs.event):
        return None
    roots = ScopeNames(event=inputs.event, tenant=plan.tenant_facts, settings=plan.settings)
    for source in plan.sources:
        document: object = None
        if is_needed(source, context, roots):
            if source.name not in inputs.sources:
                return build_request(source, context, roots)
            document = select_document(source, context, inputs.sources[source.name])
        if isinstance(document, NotReady):
            return None
        roots[source.name] = document
    return None
