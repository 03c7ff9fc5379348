"""The systems of a loaded tenant, opened; or the reason why it cannot run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from ...delivery import Systems
from ...findings.errors import ErpmapError, FindingsError, NotReadyError
from ...mapping.files.nodes import as_data
from ...mapping.files.tenant import Tenant
from ...mapping.load import LoadedTenant
from ...processes import Work
from ..dispatch.fair_evaluator import FairEvaluator
from ..dispatch.governor import Allowances
from ..dispatch.tenants import Acknowledge, ReadyTenant
from ..tenant_settings import read_closed_period
from .systems_opener import SystemsOpener, TenantConnection


@dataclass(frozen=True, slots=True)
class TenantResources:
    """The resources that tenants are opened with: folders below `root`, and the `opener` of systems.

    Requests to one account of the ledger share its governor. Tenants are loaded in `processes`, where their
    heavy orders are run too.
    """

    root: Path
    opener: SystemsOpener
    governors: Allowances
    processes: Work
    evaluator: FairEvaluator


@dataclass(frozen=True, slots=True)
class OpenedTenant:
    """A tenant that can run, and the stack that closes its systems."""

    ready: ReadyTenant
    connection: TenantConnection
    stack: AsyncExitStack

    @property
    def systems(self) -> Systems:
        """The open systems."""
        return self.ready.systems


async def open_tenant(
    resources: TenantResources, loaded: LoadedTenant, before: OpenedTenant | None
) -> OpenedTenant:
    """Open the systems of a loaded tenant, or keep those of `before` if it connects in the same way.

    Raise NotReadyError when secrets are missing or a system does not answer.
    """
    assert loaded.tenant is not None
    try:
        connection = await resources.opener.connection_of(loaded.tenant)
        if before is not None and before.connection == connection:
            return OpenedTenant(
                _create_ready(loaded, connection, before.systems), connection, before.stack
            )
        async with AsyncExitStack() as stack:
            account, most = connection.account, connection.allowance
            allowance = resources.governors.get_governor(account, loaded.name, most)
            opened = resources.opener.open(connection, allowance, resources.evaluator)
            systems = await stack.enter_async_context(opened)
            return OpenedTenant(
                _create_ready(loaded, connection, systems), connection, stack.pop_all()
            )
    except FindingsError as error:
        raise NotReadyError(
            message=str(error),
            findings=error.findings,
            tenant=loaded.tenant,
            run=_doctor_command(loaded),
        ) from error
    except ErpmapError as error:
        raise NotReadyError(
            message=str(error),
            findings=(),
            tenant=loaded.tenant,
            run=_doctor_command(loaded),
        ) from error


def _doctor_command(loaded: LoadedTenant) -> str:
    return f"erpmap doctor {loaded.name}"


def _create_ready(
    loaded: LoadedTenant, connection: TenantConnection, systems: Systems
) -> ReadyTenant:
    assert loaded.tenant is not None
    events = _read_events(loaded.tenant)
    zone = loaded.plans[0].settings.get("timezone") if loaded.plans else None
    since = events.get("from")
    return ReadyTenant(
        name=loaded.name,
        plans={plan.name: plan for plan in loaded.plans},
        systems=systems,
        account=connection.account,
        allowance=connection.allowance,
        acknowledge=Acknowledge(str(events.get("acknowledge", Acknowledge.DELIVERED))),
        live_from=date.fromisoformat(str(since)) if since is not None else None,
        zone=ZoneInfo(str(zone or "UTC")),
        closed_period=read_closed_period(loaded.tenant),
        posted=loaded.posted,
    )


def _read_events(tenant: Tenant) -> Mapping[str, object]:
    document = as_data(tenant.node)
    events = document.get("events") if isinstance(document, Mapping) else None
    return events if isinstance(events, Mapping) else {}
