"""Which retry rule an answer falls under, and how long it lets wait."""

from __future__ import annotations

import pytest

from engine.delivery.retry_rules import DEFAULT_RULE, SETTLE_RULE, compute_wait, find_rule
from engine.mapping.plan import RetryRule
from engine.run.ledger import Answer, Verdict


def rule(name: str, *on: str, wait: tuple[int, ...] = (1, 5), limit: int | None = 60) -> RetryRule:
    return RetryRule(name, on, 200, wait, limit, "park")


RULES = {
    one.name: one
    for one in (
        rule("refused", "4xx", wait=()),
        rule("away", "5xx", "timeout", "connect"),
        rule("locked", "RECORD_LOCKED"),
        rule("closed", "USER_ERROR", wait=()),
        rule("many", "429"),
        rule("never", "503", wait=()),
        rule("open", "unknown"),
    )
}
R, T, A, U = Verdict.REFUSED, Verdict.THROTTLED, Verdict.UNAVAILABLE, Verdict.UNKNOWN

TABLE: list[tuple[Answer, str | None]] = [
    (Answer(R, "4xx", 400, ("RECORD_LOCKED", "USER_ERROR")), "locked"),  # the more telling code
    (Answer(R, "4xx", 400, ("VALUE_MISSING", "USER_ERROR")), None),
    (Answer(R, "4xx", 403), None),
    (Answer(T, "4xx", 429, ("CONCURRENCY_LIMIT_EXCEEDED",)), "many"),
    (Answer(T, "4xx", 400, ("SSS_REQUEST_LIMIT_EXCEEDED",)), "many"),  # too many is a 429
    (Answer(T, "4xx", 403), "many"),
    (Answer(U, "4xx", 408), "open"),
    (Answer(U, "4xx", 400, ("UNEXPECTED_ERROR",)), "open"),
    (Answer(U, "5xx", 500), "away"),  # the class is more specific than the verdict
    (Answer(U, "5xx", 503), None),  # the status more than the class
    (Answer(U, "timeout"), "away"),
    (Answer(A, "connect"), "away"),
    (Answer(A, "3xx", 302), DEFAULT_RULE.name),
    (Answer(U, "2xx", 200), "open"),
    (Answer(Verdict.DUPLICATE, "2xx", 200), None),
]


@pytest.mark.parametrize(("answer", "expected"), TABLE)
def test_the_most_specific_rule_wins(answer: Answer, expected: str | None) -> None:
    found = find_rule(RULES, answer)
    assert (found and found.name) == expected


@pytest.mark.parametrize("verdict", Verdict)
def test_without_rules_only_what_may_pass_is_tried_again(verdict: Verdict) -> None:
    expected = DEFAULT_RULE if verdict in (T, A, U) else None
    expected = SETTLE_RULE if verdict is Verdict.UNSETTLED else expected
    assert find_rule({}, Answer(verdict, "5xx")) is expected


@pytest.mark.parametrize(
    ("attempts", "waited", "limit", "expected"),
    [
        (1, 0.0, 60, 1.0), (2, 1.0, 60, 5.0), (9, 59.9, 60, 5.0),
        (2, 60.0, 60, None), (99, 1e9, None, 5.0),
    ],
)  # fmt: skip
def test_the_last_wait_is_repeated_until_the_time_is_over(
    attempts: int, waited: float, limit: int | None, expected: float | None
) -> None:
    assert compute_wait(rule("r", limit=limit), attempts, waited) == expected


def test_what_no_rule_names_waits_as_the_mappings_own_rule_of_that_name() -> None:
    """Two rules of one name would share their counts: a mapping's sixth wait of a second was ours of 600."""
    own = rule(DEFAULT_RULE.name, "5xx", wait=(1,))
    unexpected = Answer(U, "4xx", 400, ("UNEXPECTED_ERROR",))
    assert find_rule({own.name: own}, unexpected) is own
    assert compute_wait(own, 6, 5.0) == 1.0
    never = rule(DEFAULT_RULE.name, "5xx", wait=())
    assert find_rule({never.name: never}, unexpected) is DEFAULT_RULE
