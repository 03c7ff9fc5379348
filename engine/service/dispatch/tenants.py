"""The tenants that are served: who they are, and what runs for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from ...delivery import Systems
from ...findings.diagnostics import Finding
from ...mapping.files.posted_orders import NOTHING, PostedOrders
from ...mapping.plan import Plan
from ...run.ledger import ClosedPeriod

# More deliveries than requests are allowed at once, so that the allowance is in use while some
# of them fetch from NewStore or are rendered.
_AHEAD = 2


class Acknowledge(StrEnum):
    """When an event is answered."""

    DELIVERED = "delivered"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class ReadyTenant:
    """A tenant that can run. `account` is the NetSuite account whose allowance it shares.

    `posted` are the orders that an earlier integration had.
    """

    name: str
    plans: Mapping[str, Plan]
    systems: Systems
    account: str
    allowance: int
    acknowledge: Acknowledge = Acknowledge.DELIVERED
    since: date | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    closed_period: ClosedPeriod = ClosedPeriod.PARK
    posted: PostedOrders = NOTHING

    @property
    def at_once(self) -> int:
        """How many deliveries may be under way, so that the allowance is in use."""
        return self.allowance * _AHEAD


@dataclass(frozen=True, slots=True)
class TenantTrouble:
    """Why a tenant cannot run, or cannot be changed as its files now say.

    `run` is the command that shows all of it. `is_outdated` says that the version before goes on.
    """

    words: str
    findings: tuple[Finding, ...] = ()
    run: str = ""
    is_outdated: bool = False


@dataclass(slots=True)
class Tenants:
    """All of them, by name; each mapping is swapped whole when a tenant changes.

    `keys` are those that its events may bear; None while they cannot be read: it is a tenant, and
    nobody can be let in. `troubles` are of those that are not, or not fully, as their files say.
    """

    ready: Mapping[str, ReadyTenant] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    troubles: Mapping[str, TenantTrouble] = field(default_factory=dict)

    def is_ready(self, name: str) -> bool:
        """Whether a tenant can run and its events are let in."""
        return name in self.ready and self.keys.get(name) is not None

    def is_outdated(self, name: str) -> bool:
        """Whether it runs, and not as its files now say."""
        return name in self.troubles and self.troubles[name].is_outdated


def count_free_slots(tenants: Tenants, accounts: Iterable[str]) -> Mapping[str, int]:
    """How many more deliveries each tenant may have under way in this process; none has no entry.

    `accounts` has the account of each that is under way.
    """
    used = Counter(accounts)
    left = {ready.name: ready.at_once - used[ready.account] for ready in tenants.ready.values()}
    return {tenant: most for tenant, most in left.items() if most > 0}
