"""When an account counts as away: several orders in a row found nobody there, and nobody was since."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import ROOT

from engine.journal.claim import Claim
from engine.journal.finish import AttemptEnd
from engine.journal.states import DeliveryState
from engine.mapping.load import load_tenant, open_folder
from engine.service.dispatch.account_health import AccountHealth
from engine.service.dispatch.step_timer import StepTimer
from engine.service.dispatch.tenants import ReadyTenant
from engine.service.dispatch.worker import FinishedAttempt

NOBODY: Any = None  # no system is spoken to
PLANS = {plan.name: plan for plan in load_tenant(open_folder(ROOT / "mappings"), "dodici").plans}
READY = ReadyTenant("dodici", PLANS, NOBODY, "ACCOUNT", 1)
IN_VAIN = AttemptEnd(DeliveryState.WAITING, 0, "unavailable")


def finished(delivery: int, result: AttemptEnd) -> FinishedAttempt:
    taken = Claim(
        id=delivery,
        attempt=1,
        tenant="dodici",
        mapping="sales_order",
        document=None,
        attempts=0,
        since=0,
        doubts=frozenset(),
        waited={},
        posted="[]",
        given=None,
        event_id=delivery,
        order="NS-1",
    )
    return FinishedAttempt(delivery, READY, result, taken, StepTimer())


@pytest.fixture
def away() -> AccountHealth:
    health = AccountHealth()
    for delivery in range(3):
        assert not health.is_unavailable("ACCOUNT")
        health.record_attempt(finished(delivery, IN_VAIN))
    assert health.is_unavailable("ACCOUNT")
    return health


@pytest.mark.parametrize(
    "answered",
    [
        AttemptEnd(DeliveryState.DELIVERED, 0),
        # NetSuite has refused the record: it is there.
        AttemptEnd(DeliveryState.PARKED, 0, "error", answers=b"[]"),
    ],
)
def test_any_answer_of_the_account_ends_it(away: AccountHealth, answered: AttemptEnd) -> None:
    away.record_attempt(finished(9, answered))
    assert not away.is_unavailable("ACCOUNT")
    away.record_attempt(finished(10, IN_VAIN))
    assert not away.is_unavailable("ACCOUNT"), "it takes several orders in a row again"


@pytest.mark.parametrize(
    "silent",
    [
        # The same order again, one that could not be rendered, and one that waits for its payment.
        IN_VAIN,
        AttemptEnd(DeliveryState.PARKED, 0, "error"),
        AttemptEnd(DeliveryState.WAITING, 0, "not_ready"),
    ],
)
def test_what_was_not_answered_says_nothing(away: AccountHealth, silent: AttemptEnd) -> None:
    away.record_attempt(finished(0, silent))
    assert away.is_unavailable("ACCOUNT")


def test_one_order_that_is_tried_again_and_again_is_one() -> None:
    health = AccountHealth()
    for _ in range(5):
        health.record_attempt(finished(1, IN_VAIN))
    assert not health.is_unavailable("ACCOUNT")
