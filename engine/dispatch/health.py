"""Whether a NetSuite account can be reached, as its deliveries tell.

A 500 may hold up the whole Event Stream (newstore.md §2.3): it is given only while the account
itself is unavailable, several orders in a row, and never for one order's own trouble.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..journal.states import State
from .working import Told

# So many different deliveries, one after another, that found nobody there.
_SEVERAL = 3
UNAVAILABLE_STATUS = 500


@dataclass(slots=True)
class Health:
    """Hears every end; `is_away` says of an account whether it is unavailable now."""

    _in_vain: dict[str, set[int]] = field(default_factory=dict)

    def told(self, told: Told) -> None:
        """Count a delivery that found nobody there; any other end clears the account."""
        plan_rules = [
            plan.retry.get(told.result.reason or "") for plan in told.ready.plans.values()
        ]
        rule = next((rule for rule in plan_rules if rule is not None), None)
        waits = told.result.state is State.WAITING
        if waits and rule is not None and rule.respond >= UNAVAILABLE_STATUS:
            self._in_vain.setdefault(told.ready.account, set()).add(told.delivery)
        elif told.result.state is State.DELIVERED:
            self._in_vain.pop(told.ready.account, None)

    def is_away(self, account: str) -> bool:
        """Whether several deliveries in a row found nobody there."""
        return len(self._in_vain.get(account, ())) >= _SEVERAL
