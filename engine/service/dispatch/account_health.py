"""Whether a NetSuite account can be reached, as its deliveries tell.

A 500 may hold up the whole Event Stream (newstore.md §2.3): it is given only while the account
itself is unavailable, several orders in a row, and never for one order's own trouble.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...journal.states import DeliveryState
from .tenants import ReadyTenant
from .worker import FinishedAttempt

# So many different deliveries, one after another, that found nobody there.
_SEVERAL = 3
UNAVAILABLE_STATUS = 500


def failed_unreachable(ready: ReadyTenant, mapping: str, reason: str | None) -> bool:
    """Whether a delivery ended by a rule that is answered with an error: nobody was there."""
    plan = ready.plans.get(mapping)
    rule = None if plan is None else plan.retry.get(reason or "")
    return rule is not None and rule.respond >= UNAVAILABLE_STATUS


@dataclass(slots=True)
class AccountHealth:
    """Hears every end; `is_away` says of an account whether it is unavailable now."""

    _in_vain: dict[str, set[int]] = field(default_factory=dict)

    def told(self, told: FinishedAttempt) -> None:
        """Count a delivery that found nobody there; one that was answered clears the account."""
        result, account = told.result, told.ready.account
        if failed_unreachable(told.ready, told.taken.mapping, result.reason):
            if result.state is DeliveryState.WAITING:
                self._in_vain.setdefault(account, set()).add(told.delivery)
        elif result.state is DeliveryState.DELIVERED or result.answers is not None:
            self._in_vain.pop(account, None)

    def is_away(self, account: str) -> bool:
        """Whether several deliveries in a row found nobody there."""
        return len(self._in_vain.get(account, ())) >= _SEVERAL
