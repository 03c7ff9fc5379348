"""The protocol that opens tenants' systems without naming them; `commands/connect` implements it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ...delivery import Systems
from ...mapping.files.tenant import Tenant
from ...run.evaluator import Evaluator
from ...wire.allowance import Allowance


class TenantConnection(Protocol):
    """The connection to a tenant's systems; two equal connections reach the same systems alike."""

    @property
    def account(self) -> str:
        """The ledger account, whose allowance all its tenants share."""
        ...

    @property
    def allowance(self) -> int:
        """Maximum concurrent requests to the account."""
        ...


class SystemsOpener(Protocol):
    """Opens the shop and the ledger of a tenant."""

    @property
    def is_simulated(self) -> bool:
        """Whether a simulator takes the place of the real systems."""
        ...

    @property
    def deadline(self) -> float:
        """The maximum seconds of one request to a system."""
        ...

    async def connection_of(self, tenant: Tenant) -> TenantConnection:
        """Return the connection to a tenant's systems. Raise ErpmapError when its settings are invalid."""
        ...

    def open(
        self, connection: TenantConnection, allowance: Allowance, evaluator: Evaluator
    ) -> AbstractAsyncContextManager[Systems]:
        """Open the systems; they are closed when the block ends."""
        ...
