"""Clients opened for a connection, and closed together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from ...delivery import LocalTurns, Systems, Turns
from ...mapping.files.tenant import Tenant
from ...netsuite import BOUNDS, Clocks, NetSuite, NetSuiteLedger
from ...netsuite.lookups import LiveLookups
from ...newstore import NewStore, NewStoreShop, RateLimiter
from ...run.compiled import find_lookup_keys
from ...service.tenant_settings import read_closed_period
from ...wire.allowance import Allowance
from ...wire.parameter_store import ParameterStore
from .connection import Connection, NetSuiteAccess, NewStoreAccess, both

_DEADLINE = 60.0


@dataclass(frozen=True, slots=True)
class OpenSystems:
    """The open clients of a tenant, and the same as the `systems` of deliveries."""

    newstore: NewStore
    netsuite: NetSuite
    systems: Systems

    def for_tenant(self, tenant: Tenant) -> OpenSystems:
        """Return the same with what the tenant allows where a period is closed."""
        closed_period = read_closed_period(tenant)
        return replace(self, systems=replace(self.systems, closed_period=closed_period))


@asynccontextmanager
async def open_systems(
    connection: Connection,
    *,
    deadline: float = _DEADLINE,
    rate_limiter: RateLimiter | None = None,
    turns: Turns | None = None,
    allowance: Allowance | None = None,
) -> AsyncIterator[OpenSystems]:
    """A tenant's systems. Raise CredentialError when a key cannot be used at all.

    `deadline` is for one exchange, in seconds. Tenants that go out from one IP share a `rate_limiter`,
    those that write to one account `turns` and an `allowance`; alone, the connection's counts.
    """
    known = both(connection)
    assert known.newstore is not None
    assert known.netsuite is not None
    async with AsyncExitStack() as stack:
        newstore = await stack.enter_async_context(
            open_newstore(known.newstore, deadline=deadline, rate_limiter=rate_limiter)
        )
        netsuite = await stack.enter_async_context(
            open_netsuite(known.netsuite, deadline=deadline, allowance=allowance)
        )
        parameters = ParameterStore(trust_env=connection.trusts_environment)
        stack.callback(parameters.close)
        lookups = await stack.enter_async_context(
            LiveLookups(
                netsuite.rows, parameters.read, clock=time.monotonic, wanted=find_lookup_keys
            )
        )
        systems = Systems(
            shop=NewStoreShop(newstore),
            ledger=NetSuiteLedger(netsuite, connection.netsuite_key),
            lookups=lookups,
            turns=turns or LocalTurns(),
        )
        yield OpenSystems(newstore, netsuite, systems)


def open_newstore(
    access: NewStoreAccess, *, deadline: float = _DEADLINE, rate_limiter: RateLimiter | None = None
) -> NewStore:
    """A client of NewStore, to be entered."""
    return NewStore(
        access.address, access.credentials, rate_limiter=rate_limiter, deadline=deadline
    )


def open_netsuite(
    access: NetSuiteAccess, *, deadline: float = _DEADLINE, allowance: Allowance | None = None
) -> NetSuite:
    """A client of NetSuite, to be entered; that raises CredentialError for a key that is none."""
    return NetSuite(
        access.address,
        access.key,
        Clocks(time.time, time.monotonic),
        allowance=allowance or access.allowance,
        bounds=replace(BOUNDS, deadline=deadline),
    )
