"""Read the event: check its envelope, the mapping's trigger, and the number of its order.

What an envelope holds is declared in `mapping.systems`.
"""

from __future__ import annotations

from ..documents.exact import fits
from ..findings.diagnostics import Finding
from ..language.paths import evaluate_path
from ..mapping.plan import PathAt, Plan
from ..mapping.systems import EVENTS
from .scope import FAILED, RunContext


def check_envelope(event: object) -> tuple[Finding, ...]:
    """Return the reasons why a document is not an event; empty for an event."""
    if not isinstance(event, dict):
        return (Finding("E0701", "the event is not a JSON object", hint=EVENTS.hint),)
    return tuple(
        Finding("E0701", f"the event has no valid {member!r}", hint=EVENTS.hint)
        for member, kind in EVENTS.members.items()
        if not isinstance(event.get(member), kind)
    )


def read_order_number(event: object) -> str:
    """Return the order's number for people, or a question mark."""
    payload = event.get(EVENTS.payload) if isinstance(event, dict) else None
    if not isinstance(payload, dict):
        return "?"
    for key in EVENTS.order_numbers:
        shown = payload.get(key)
        if isinstance(shown, str) and shown:
            return shown[:64]
        if isinstance(shown, int) and fits(shown):
            return str(shown)
    return "?"


def find_ignoring_rule(plan: Plan, context: RunContext, event: dict[str, object]) -> str | None:
    """Return the rule by which this mapping ignores the event, or None if it wants the event."""
    if event[EVENTS.name] != plan.trigger.event:
        return f"on.event: this mapping wants {plan.trigger.event}"
    when = plan.trigger.when
    if when is None:
        return None
    wanted = evaluate_in(context, when, {"event": event}, "on.when")
    return None if wanted is FAILED or is_true_in_paths(wanted) else "on.when: does not hold"


def evaluate_in(context: RunContext, expression: PathAt, root: object, trail: str) -> object:
    """Return the value of a path evaluated on `root`, or FAILED."""
    return context.attempt(
        lambda: evaluate_path(expression.path, root, context.budget), expression.at, trail
    )


def is_true_in_paths(value: object) -> bool:
    """Whether JMESPath takes a value as true: all but null, false and empty texts, lists and maps.

    Zero is true.
    """
    return value is not None and value is not False and value not in ("", [], {})
