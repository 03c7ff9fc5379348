"""The state behind every request: the account, its ledger, the clock and the periods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .account import Account
from .account_settings import AccountSettings
from .ledger import SimulatedLedger
from .periods import Periods
from .search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class Site:
    """One simulated account; `clock` returns seconds since 1970."""

    account: Account
    ledger: SimulatedLedger
    clock: Callable[[], float]
    periods: Periods
    settings: AccountSettings
    search: SearchIndex

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)
