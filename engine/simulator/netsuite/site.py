"""What every request works on: the account, what it has stored, what time and which period it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .account import Account
from .ledger import Ledger
from .periods import Periods


@dataclass(frozen=True, slots=True)
class Site:
    """One account being played; `clock` gives seconds since 1970."""

    account: Account
    ledger: Ledger
    clock: Callable[[], float]
    periods: Periods

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)
