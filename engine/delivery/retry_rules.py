"""Finds the retry rule that applies to an answer, and its next wait. Pure.

The most specific rule wins: by error code, then status, then class (`5xx`, `timeout`), then the name of
the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..mapping.plan import RetryRule
from ..run.ledger import Answer, Verdict

# For mappings without a rule `unavailable`.
DEFAULT_RULE = RetryRule(
    name="unavailable",
    on=(),
    respond=500,
    wait=(2, 10, 30, 120, 600),
    limit=86_400,
    then="park",
)
# For a refusal after which the record is looked for again: some minutes, then a person decides. A mapping
# can have a rule of this name.
SETTLE_RULE = RetryRule(
    name="unsettled",
    on=(),
    respond=200,
    wait=(2, 5, 15, 30, 60, 120),
    limit=900,
    then="park",
)
_RETRYABLE = frozenset((Verdict.THROTTLED, Verdict.UNAVAILABLE, Verdict.UNKNOWN))


def find_rule(rules: Mapping[str, RetryRule], answer: Answer) -> RetryRule | None:
    """Return the rule that applies to an answer; None to park at once.

    A temporary failure without a rule waits by the mapping's rule `unavailable`, or the default one. A
    refusal that may be the answer to a record of ours waits by the rule `unsettled`, whatever its code.
    """
    if answer.verdict is Verdict.UNSETTLED:
        return rules.get(SETTLE_RULE.name, SETTLE_RULE)
    for name in _list_names(answer):
        for rule in rules.values():
            if name in rule.on:
                return rule if rule.wait else None
    if answer.verdict not in _RETRYABLE:
        return None
    own = rules.get(DEFAULT_RULE.name)
    return own if own is not None and own.wait else DEFAULT_RULE


def compute_wait(rule: RetryRule, attempts: int, waited: float) -> float | None:
    """Return the seconds to wait after this number of attempts; None when the rule's time is over.

    `waited` is the seconds since the first of them.
    """
    if not rule.wait or (rule.limit is not None and waited >= rule.limit):
        return None
    return float(rule.wait[min(attempts, len(rule.wait)) - 1])


def _list_names(answer: Answer) -> tuple[str, ...]:
    """Return the names by which a rule may select an answer, the most specific first.

    A throttled request counts as a 429, whatever its status. `4xx` selects requests that the ledger
    refused, not a 408, after which the request's state is unknown.
    """
    status = () if answer.status is None else (str(answer.status),)
    is_temporary = answer.class_ == "4xx" and answer.verdict in _RETRYABLE
    throttled = ("429",) if answer.verdict is Verdict.THROTTLED else ()
    class_ = throttled if is_temporary else (*throttled, answer.class_)
    return (*answer.codes, *status, *class_, answer.verdict.value)
