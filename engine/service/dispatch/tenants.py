"""The served tenants: what runs for each, its event keys, and its trouble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from ...delivery import Systems
from ...findings.diagnostics import Finding
from ...mapping.files.posted_orders import NOTHING, PostedOrders
from ...mapping.plan import Plan
from ...run.ledger import ClosedPeriod

Value = TypeVar("Value")

# More deliveries than concurrent requests, so that the allowance is in use while some deliveries
# fetch from the shop or are rendered.
_DELIVERIES_PER_REQUEST = 3


class Acknowledge(StrEnum):
    """When an event is answered: after its first attempt, or as soon as it is stored."""

    DELIVERED = "delivered"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class ReadyTenant:
    """A tenant that can run. `account` is the account of the ledger whose allowance it shares.

    `live_from` is the first day of erpmap's events, in `zone`; `posted` lists the orders that an
    earlier integration had posted.
    """

    name: str
    plans: Mapping[str, Plan]
    systems: Systems
    account: str
    allowance: int
    acknowledge: Acknowledge = Acknowledge.DELIVERED
    live_from: date | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    closed_period: ClosedPeriod = ClosedPeriod.PARK
    posted: PostedOrders = NOTHING

    @property
    def max_deliveries(self) -> int:
        """Maximum concurrent deliveries."""
        return self.allowance * _DELIVERIES_PER_REQUEST


@dataclass(frozen=True, slots=True)
class TenantTrouble:
    """Why a tenant cannot run, or why its changed files are not used.

    `run` is the command that shows all findings. `is_outdated`: the last good version goes on.
    """

    words: str
    findings: tuple[Finding, ...] = ()
    run: str = ""
    is_outdated: bool = False


@dataclass(slots=True)
class Tenants:
    """All tenants by name; each of the three mappings is replaced as a whole at a change.

    `keys` are the keys that admit a tenant's events; None while they cannot be read: then no event is
    admitted. `troubles` has the tenants whose files are not used, or only in part.
    """

    ready: Mapping[str, ReadyTenant] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    troubles: Mapping[str, TenantTrouble] = field(default_factory=dict)

    def is_ready(self, name: str) -> bool:
        """Whether a tenant can run and its events are admitted."""
        return name in self.ready and self.keys.get(name) is not None

    def is_outdated(self, name: str) -> bool:
        """Whether a tenant runs an older version than its files."""
        return name in self.troubles and self.troubles[name].is_outdated


def without_key(mapping: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    """Return a copy of a mapping without a key."""
    return {other: value for other, value in mapping.items() if other != key}


def count_free_slots(tenants: Tenants, accounts: Iterable[str]) -> Mapping[str, int]:
    """Return how many more deliveries of each tenant this process may start; zero is left out.

    `accounts` has the account of each delivery under way.
    """
    used = Counter(accounts)
    left = {
        ready.name: ready.max_deliveries - used[ready.account] for ready in tenants.ready.values()
    }
    return {tenant: most for tenant, most in left.items() if most > 0}
