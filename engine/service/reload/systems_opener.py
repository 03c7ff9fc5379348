"""How the service is given tenants' systems without naming them: a protocol that the commands implement."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ...delivery import Systems
from ...mapping.files.tenant import Tenant
from ...wire.allowance import Allowance


class TenantConnection(Protocol):
    """How a tenant's systems are reached; two equal connections reach the same systems alike."""

    @property
    def account(self) -> str:
        """The ledger account, whose allowance all its tenants share."""
        ...

    @property
    def allowance(self) -> int:
        """The maximum of concurrent requests to the account."""
        ...


class SystemsOpener(Protocol):
    """Opens the shop and the ledger of a tenant."""

    @property
    def is_simulated(self) -> bool:
        """Whether a simulator takes the place of the real systems."""
        ...

    async def connection_of(self, tenant: Tenant) -> TenantConnection:
        """Return how a tenant's systems are reached. Raise ErpmapError when they are not."""
        ...

    def open(
        self, connection: TenantConnection, allowance: Allowance
    ) -> AbstractAsyncContextManager[Systems]:
        """Open the systems; they are closed when the block ends."""
        ...
