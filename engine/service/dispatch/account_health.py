"""Whether an account of the ledger is available, judged by the attempts at its deliveries.

A 500 may hold up the whole Event Stream (newstore.md §2.3): the service answers it only while the
account itself is unavailable, after several orders in a row, and never for the trouble of one order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...journal.states import DeliveryState
from .tenants import ReadyTenant
from .worker import FinishedAttempt

# Different deliveries in a row that did not reach the account, until it counts as unavailable.
_MIN_UNREACHABLE = 3
UNAVAILABLE_STATUS = 500


def failed_unreachable(ready: ReadyTenant, mapping: str, reason: str | None) -> bool:
    """Whether a delivery ended by a retry rule that answers an error: the account was not reached."""
    plan = ready.plans.get(mapping)
    rule = None if plan is None else plan.retry.get(reason or "")
    return rule is not None and rule.respond >= UNAVAILABLE_STATUS


@dataclass(slots=True)
class AccountHealth:
    """Counts, for each account, the deliveries that did not reach it since its last answer."""

    _unreachable: dict[str, set[int]] = field(default_factory=dict)

    def record_attempt(self, attempt: FinishedAttempt) -> None:
        """Count a delivery that did not reach the account; an answer of the account clears the count."""
        result, account = attempt.result, attempt.ready.account
        if failed_unreachable(attempt.ready, attempt.claim.mapping, result.reason):
            if result.state is DeliveryState.WAITING:
                self._unreachable.setdefault(account, set()).add(attempt.delivery)
        elif result.state is DeliveryState.DELIVERED or result.answers is not None:
            self._unreachable.pop(account, None)

    def is_unavailable(self, account: str) -> bool:
        """Whether several deliveries in a row did not reach the account."""
        return len(self._unreachable.get(account, ())) >= _MIN_UNREACHABLE
