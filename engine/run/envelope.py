"""Read the event: check its envelope, the mapping's trigger, and the number of its order.

The envelope has four mandatory members: tenant, name, published_at, payload (newstore.md §2.5).
"""

from __future__ import annotations

from ..documents.exact import fits
from ..findings.diagnostics import Finding
from ..language.paths import evaluate_path
from ..mapping.plan import PathAt, Plan
from .scope import FAILED, RunContext

MEMBERS = {"tenant": str, "name": str, "published_at": str, "payload": dict}


def check_envelope(event: object) -> tuple[Finding, ...]:
    """Return the reasons why a document is not an event; empty for an event."""
    if not isinstance(event, dict):
        return (Finding("E0701", "the event is not a JSON object", hint=_HINT),)
    return tuple(
        Finding("E0701", f"the event has no proper {member!r}", hint=_HINT)
        for member, kind in MEMBERS.items()
        if not isinstance(event.get(member), kind)
    )


def read_order_number(event: object) -> str:
    """Return the order's number for people: external id, else id, else a question mark."""
    payload = event.get("payload") if isinstance(event, dict) else None
    if not isinstance(payload, dict):
        return "?"
    for key in ("external_id", "id"):
        shown = payload.get(key)
        if isinstance(shown, str) and shown:
            return shown[:64]
        if isinstance(shown, int) and fits(shown):
            return str(shown)
    return "?"


def find_ignoring_rule(plan: Plan, context: RunContext, event: dict[str, object]) -> str | None:
    """Return the rule by which this mapping ignores the event, or None if it wants the event."""
    if event["name"] != plan.trigger.event:
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


_HINT = "an event is {tenant, name, published_at, payload}, as NewStore sends it"
