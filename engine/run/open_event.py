"""Open an event: check it, test whether the mapping wants it, gather its sources. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..mapping.plan import Plan
from .envelope import check_envelope, find_ignoring_rule
from .inputs import Inputs
from .scope import RunContext
from .sources import NotReady, find_unmet_condition, gather_sources


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """The rule by which the mapping ignores the event."""

    rule: str


def open_event(
    plan: Plan, context: RunContext, inputs: Inputs
) -> dict[str, object] | IgnoredEvent | NotReady | None:
    """Return the roots of all paths, or why there are none; None if `context` has findings."""
    for finding in check_envelope(inputs.event):
        context.findings.add(finding)
    if context.findings.unique:
        return None
    assert isinstance(inputs.event, dict)
    ignored = find_ignoring_rule(plan, context, inputs.event)
    if ignored is not None:
        return IgnoredEvent(ignored)
    roots = gather_sources(plan, context, inputs)
    if context.findings.unique:
        return None
    waiting = roots if isinstance(roots, NotReady) else find_unmet_condition(plan, context, roots)
    if context.findings.unique:
        return None
    return roots if waiting is None else waiting
