"""Which retry rule an answer falls under, and how long it lets wait. Pure.

The most specific wins: an error code, then a status, then a class (`5xx`, `timeout`), then the
verdict's own name.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..mapping.plan import RetryRule
from ..run.ledger import Answer, Verdict

# For mappings that say nothing about it.
DEFAULT_RULE = RetryRule("unavailable", (), 500, (2, 10, 30, 120, 600), 86_400, "park")
_RETRYABLE = frozenset((Verdict.THROTTLED, Verdict.UNAVAILABLE, Verdict.UNKNOWN))


def find_rule(rules: Mapping[str, RetryRule], answer: Answer) -> RetryRule | None:
    """The rule of an answer; None when it is parked at once.

    What may pass and is under none of them waits as a mapping's rule `unavailable` says, if it has one.
    """
    for name in _list_names(answer):
        for rule in rules.values():
            if name in rule.on:
                return rule if rule.wait else None
    if answer.verdict not in _RETRYABLE:
        return None
    own = rules.get(DEFAULT_RULE.name)
    return own if own is not None and own.wait else DEFAULT_RULE


def compute_wait(rule: RetryRule, attempts: int, waited: float) -> float | None:
    """Seconds to wait after so many attempts; None when the rule's time is over.

    `waited` are the seconds since the first of them.
    """
    if not rule.wait or (rule.limit is not None and waited >= rule.limit):
        return None
    return float(rule.wait[min(attempts, len(rule.wait)) - 1])


def _list_names(answer: Answer) -> tuple[str, ...]:
    """What rules may call an answer, the most specific name first.

    Too many requests are a 429, whatever the status says. `4xx` is said of what the ledger refuses: a
    rule for that is not about a 408, after which nobody knows.
    """
    status = () if answer.status is None else (str(answer.status),)
    passes = answer.class_ == "4xx" and answer.verdict in _RETRYABLE
    throttled = ("429",) if answer.verdict is Verdict.THROTTLED else ()
    class_ = throttled if passes else (*throttled, answer.class_)
    return (*answer.codes, *status, *class_, answer.verdict.value)
