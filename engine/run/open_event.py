"""From the event to its documents: whether it is one, is wanted, and has all it needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..mapping.plan import Plan
from .envelope import envelope_findings, why_ignored
from .inputs import Inputs
from .scope import RunContext
from .sources import NotReady, gather, not_ready


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """The mapping does not want the event: by which rule."""

    rule: str


def open_event(
    plan: Plan, work: RunContext, inputs: Inputs
) -> dict[str, object] | IgnoredEvent | NotReady | None:
    """The roots of all paths, or why there are none; None when the findings in `work` say why."""
    for finding in envelope_findings(inputs.event):
        work.trouble.add(finding)
    if work.trouble.found:
        return None
    assert isinstance(inputs.event, dict)
    ignored = why_ignored(plan, work, inputs.event)
    if ignored is not None:
        return IgnoredEvent(ignored)
    roots = gather(plan, work, inputs)
    if work.trouble.found:
        return None
    waiting = roots if isinstance(roots, NotReady) else not_ready(plan, work, roots)
    if work.trouble.found:
        return None
    return roots if waiting is None else waiting
