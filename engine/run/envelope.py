"""Reading the event: is it one, does this mapping want it, which order is it about.

The envelope has four members, all mandatory: tenant, name, published_at, payload (newstore.md
§2.5).
"""

from __future__ import annotations

from ..documents.exact import fits
from ..findings.diagnostics import Finding
from ..language.paths import evaluate_path
from ..mapping.plan import PathAt, Plan
from .scope import FAILED, RunContext

MEMBERS = {"tenant": str, "name": str, "published_at": str, "payload": dict}


def envelope_findings(event: object) -> tuple[Finding, ...]:
    """What keeps a document from being an event; nothing when it is one."""
    if not isinstance(event, dict):
        return (Finding("E0701", "the event is not a JSON object", hint=_HINT),)
    return tuple(
        Finding("E0701", f"the event has no proper {member!r}", hint=_HINT)
        for member, kind in MEMBERS.items()
        if not isinstance(event.get(member), kind)
    )


def order_named_in(event: object) -> str:
    """The order's number for people: external id, else id, else a question mark."""
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


def why_ignored(plan: Plan, work: RunContext, event: dict[str, object]) -> str | None:
    """The rule by which this mapping does not want the event, or None when it does."""
    if event["name"] != plan.trigger.event:
        return f"on.event: this mapping wants {plan.trigger.event}"
    when = plan.trigger.when
    if when is None:
        return None
    wanted = evaluate_in(work, when, {"event": event}, "on.when")
    return None if wanted is FAILED or is_true(wanted) else "on.when: does not hold"


def evaluate_in(work: RunContext, expression: PathAt, root: object, trail: str) -> object:
    """A path's value over `root`, or FAILED."""
    return work.attempt(
        lambda: evaluate_path(expression.path, root, work.budget), expression.at, trail
    )


def is_true(value: object) -> bool:
    """JMESPath's truth: empty lists, maps and texts, null and false are false; zero is true."""
    return value is not None and value is not False and value not in ("", [], {})


_HINT = "an event is {tenant, name, published_at, payload}, as NewStore sends it"
