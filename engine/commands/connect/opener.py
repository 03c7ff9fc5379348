"""Opens the systems of the service's tenants, and resolves the connection of a command's tenant."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ...delivery import Systems
from ...mapping.files.tenant import Tenant
from ...newstore import REQUESTS_A_SECOND, RateLimiter
from ...run.evaluator import Evaluator
from ...service.reload.systems_opener import SystemsOpener, TenantConnection
from ...wire.allowance import Allowance
from .connection import Connection, read_connection
from .open_systems import DEADLINE, open_systems
from .simulator import simulated_connection


@dataclass(frozen=True, slots=True)
class TenantOpener:
    """Opens the systems of tenants below `root`, or a `simulator` in their place.

    NewStore limits requests by IP address: all tenants share the `rate_limiter`. `deadline` is in
    seconds for one exchange.
    """

    root: Path
    simulator: str | None
    rate_limiter: RateLimiter
    deadline: float = DEADLINE

    @property
    def is_simulated(self) -> bool:
        """Whether a simulator takes the place of both systems."""
        return self.simulator is not None

    async def connection_of(self, tenant: Tenant) -> TenantConnection:
        """Return how a tenant's systems are reached.

        Raise CredentialError, AddressError; with a simulator also NoAnswerError.
        """
        return await resolve_connection(self.root, tenant, self.simulator)

    @asynccontextmanager
    async def open(
        self, connection: TenantConnection, allowance: Allowance, evaluator: Evaluator
    ) -> AsyncIterator[Systems]:
        """Open the systems of a connection that `connection_of` returned."""
        assert isinstance(connection, Connection)
        async with open_systems(
            connection,
            deadline=self.deadline,
            rate_limiter=self.rate_limiter,
            allowance=allowance,
            evaluator=evaluator,
        ) as opened:
            yield opened.systems


async def resolve_connection(root: Path, tenant: Tenant, simulator: str | None) -> Connection:
    """Return the connection that a tenant's tenant.yaml describes, or a simulator's.

    Raise CredentialError, AddressError; with a simulator also NoAnswerError.
    """
    if simulator is not None:
        connection = await simulated_connection(tenant.name, simulator)
        return replace(connection, refusals=tenant.refusals, grant=tenant.grant)
    return read_connection(tenant, root / tenant.name, os.environ)


def tenant_opener(
    root: Path,
    simulator: str | None,
    *,
    requests_a_second: int = REQUESTS_A_SECOND,
    deadline: float = DEADLINE,
) -> SystemsOpener:
    """Return the opener that the service is started with."""
    return TenantOpener(
        root=root,
        simulator=simulator,
        rate_limiter=RateLimiter(requests_a_second),
        deadline=deadline,
    )
