"""Opens the clients of a connection, and closes them together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from ...delivery import LocalTurns, Systems, Turns
from ...mapping.files.tenant import Tenant
from ...netsuite import BOUNDS, Clocks, NetSuite, NetSuiteLedger, build_catalogue
from ...netsuite.lookups import LiveLookups
from ...newstore import NewStore, NewStoreShop, RateLimiter
from ...run.compiled import find_lookup_keys
from ...run.evaluator import DIRECT, Evaluator
from ...service.tenant_settings import read_closed_period
from ...wire.allowance import Allowance
from ...wire.parameter_store import ParameterStore
from .connection import Connection, NetSuiteAccess, NewStoreAccess, as_known_systems

DEADLINE = 60.0


@dataclass(frozen=True, slots=True)
class OpenSystems:
    """The open clients of a tenant, and the `systems` of its deliveries, which use them."""

    newstore: NewStore
    netsuite: NetSuite
    systems: Systems

    def for_tenant(self, tenant: Tenant) -> OpenSystems:
        """Return these clients with the tenant's setting for closed periods."""
        closed_period = read_closed_period(tenant)
        return replace(self, systems=replace(self.systems, closed_period=closed_period))


@asynccontextmanager
async def open_systems(
    connection: Connection,
    *,
    deadline: float = DEADLINE,
    rate_limiter: RateLimiter | None = None,
    turns: Turns | None = None,
    allowance: Allowance | None = None,
    evaluator: Evaluator | None = None,
) -> AsyncIterator[OpenSystems]:
    """Open a tenant's systems. Raise CredentialError for an invalid key.

    `deadline` is in seconds for one exchange. Tenants of one IP address share a `rate_limiter`; tenants
    of one account share `turns` and an `allowance`, which defaults to the connection's. `evaluator` runs the
    mappings, by default at once.
    """
    access = as_known_systems(connection)
    assert access.newstore is not None
    assert access.netsuite is not None
    evaluator = evaluator or DIRECT
    async with AsyncExitStack() as stack:
        newstore = await stack.enter_async_context(
            open_newstore(access.newstore, deadline=deadline, rate_limiter=rate_limiter)
        )
        netsuite = await stack.enter_async_context(
            open_netsuite(access.netsuite, deadline=deadline, allowance=allowance)
        )
        parameters = ParameterStore(
            connection.grant.allows_parameter, trust_env=connection.trusts_environment
        )
        stack.callback(parameters.close)
        lookups = await stack.enter_async_context(
            LiveLookups(
                netsuite.rows,
                parameters.read,
                clock=time.monotonic,
                find_keys=partial(evaluator.evaluate, find_lookup_keys),
            )
        )
        systems = Systems(
            shop=NewStoreShop(newstore),
            ledger=NetSuiteLedger(netsuite, connection.netsuite_key),
            lookups=lookups,
            turns=turns or LocalTurns(),
            evaluator=evaluator,
        )
        yield OpenSystems(newstore, netsuite, systems)


def open_newstore(
    access: NewStoreAccess, *, deadline: float = DEADLINE, rate_limiter: RateLimiter | None = None
) -> NewStore:
    """Return a client of NewStore, a context manager."""
    return NewStore(
        access.address, access.credentials, rate_limiter=rate_limiter, deadline=deadline
    )


def open_netsuite(
    access: NetSuiteAccess, *, deadline: float = DEADLINE, allowance: Allowance | None = None
) -> NetSuite:
    """Return a client of NetSuite, a context manager; entering raises CredentialError for an invalid key."""
    client = NetSuite(
        access.address,
        access.key,
        Clocks(time.time, time.monotonic),
        allowance=allowance or access.allowance,
        bounds=replace(BOUNDS, deadline=deadline),
    )
    client.catalogue = build_catalogue(access.refusals)
    return client
