"""A tenant loaded, checked by its cases, and its systems opened: all of it, or a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shlex import quote
from zoneinfo import ZoneInfo

from ...delivery import Systems
from ...findings.diagnostics import select_errors
from ...findings.errors import ErpmapError, FindingsError, NotReadyError, ReadError
from ...mapping.files.nodes import as_data
from ...mapping.files.tenant import Tenant
from ...mapping.load import LoadedTenant, load_tenant, open_folder
from ...orders.cases import find_cases, run_case
from ...orders.order import LOOKUPS, read_recorded_tables
from ..dispatch.governor import Allowances
from ..dispatch.tenants import Acknowledge, ReadyTenant, TenantTrouble
from ..tenant_settings import read_closed_period
from .systems_opener import SystemsOpener, TenantConnection


@dataclass(frozen=True, slots=True)
class TenantResources:
    """What tenants are opened with: their folders below `root`, and the `opener` of their systems.

    Requests to one account of the ledger share its governor.
    """

    root: Path
    opener: SystemsOpener
    governors: Allowances


@dataclass(frozen=True, slots=True)
class OpenedTenant:
    """A tenant that can run, and what has to be closed when it does no more."""

    ready: ReadyTenant
    connection: TenantConnection
    stack: AsyncExitStack

    @property
    def systems(self) -> Systems:
        """Its systems, open."""
        return self.ready.systems


def load_checked(root: Path, name: str) -> LoadedTenant:
    """A tenant whose mappings are without errors and whose cases pass. Raise NotReadyError.

    Takes as long as `erpmap test`: not for the event loop.
    """
    loaded = load_tenant(open_folder(root), name)
    trouble = _trouble_of(root / name, loaded)
    if trouble is not None:
        raise NotReadyError(trouble.words, trouble.findings, loaded.tenant, trouble.run)
    return loaded


def _trouble_of(folder: Path, loaded: LoadedTenant) -> TenantTrouble | None:
    if not loaded.ok:
        run = f"erpmap validate {loaded.name}"
        return TenantTrouble("its files have findings", select_errors(loaded.findings), run)
    try:
        shared = read_recorded_tables(folder / "cases" / LOOKUPS)
    except ReadError as error:
        return TenantTrouble(
            "its cases cannot be read", error.findings, f"erpmap test {loaded.name}"
        )
    failed = [
        case
        for case, path in find_cases(folder / "cases")
        if not run_case(case, path, loaded.plans, shared).passed
    ]
    if not failed:
        return None
    words = f"{len(failed)} of its cases fail, the first is {failed[0]!r}"
    return TenantTrouble(words, run=f"erpmap test {loaded.name} --case {quote(failed[0])}")


async def open_tenant(
    reach: TenantResources, loaded: LoadedTenant, before: OpenedTenant | None
) -> OpenedTenant:
    """A loaded tenant with its systems; those it had `before` where it still connects alike.

    Raise NotReadyError when secrets are missing or nobody answers.
    """
    assert loaded.tenant is not None
    try:
        connection = await reach.opener.connection_of(loaded.tenant)
        if before is not None and before.connection == connection:
            return OpenedTenant(
                _ready(loaded, connection, before.systems), connection, before.stack
            )
        async with AsyncExitStack() as stack:
            account, most = connection.account, connection.allowance
            allowance = reach.governors.of(account, loaded.name, most)
            systems = await stack.enter_async_context(reach.opener.open(connection, allowance))
            return OpenedTenant(_ready(loaded, connection, systems), connection, stack.pop_all())
    except FindingsError as error:
        raise NotReadyError(str(error), error.findings, loaded.tenant, _doctor(loaded)) from error
    except ErpmapError as error:
        raise NotReadyError(str(error), (), loaded.tenant, _doctor(loaded)) from error


def _doctor(loaded: LoadedTenant) -> str:
    return f"erpmap doctor {loaded.name}"


def _ready(loaded: LoadedTenant, connection: TenantConnection, systems: Systems) -> ReadyTenant:
    assert loaded.tenant is not None
    events = _events(loaded.tenant)
    zone = loaded.plans[0].settings.get("timezone") if loaded.plans else None
    since = events.get("from")
    return ReadyTenant(
        loaded.name,
        {plan.name: plan for plan in loaded.plans},
        systems,
        connection.account,
        connection.allowance,
        Acknowledge(str(events.get("acknowledge", Acknowledge.DELIVERED))),
        date.fromisoformat(str(since)) if since is not None else None,
        ZoneInfo(str(zone or "UTC")),
        read_closed_period(loaded.tenant),
        loaded.posted,
    )


def _events(tenant: Tenant) -> Mapping[str, object]:
    document = as_data(tenant.node)
    events = document.get("events") if isinstance(document, Mapping) else None
    return events if isinstance(events, Mapping) else {}
