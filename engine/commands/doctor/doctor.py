"""What `erpmap doctor` does: the checks of a tenant, each shown when it is there."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NoReturn

from rich.text import Text

from ...findings.health import HealthCheck, HealthStatus
from ...mapping.load import LoadedTenant
from ...orders.report.excerpt import clean
from ..connect import (
    Connection,
    KnownSystems,
    both,
    connection_of,
    has_event_keys,
    has_webhook,
    known_of,
    read_event_keys,
    read_webhook_settings,
    simulated_connection,
)
from ..output.terminal import console, print_json
from ..selection import FINDINGS, chosen_tenants, load_named, stop_with
from .checks import CREDENTIALS, SIMULATOR, ServiceSettings, checks

_MARKS = {
    HealthStatus.OK: ("✓", "green"),
    HealthStatus.WARNING: ("!", "yellow"),
    HealthStatus.FAILED: ("✗", "bold red"),
    HealthStatus.SKIPPED: ("–", "dim"),
}
_NAME_WIDTH = 36


def examine(root: Path, tenant: str, simulator: str | None, form: str) -> NoReturn:
    """Check a tenant's connections, show what comes out, and exit: 0 when nothing failed."""
    (name,) = chosen_tenants(root, tenant)
    loaded = load_named(root, name)
    if not loaded.ok:
        stop_with(loaded.findings, form)
    show = _nothing if form == "json" else _print_check
    told = asyncio.run(_examined(root, loaded, simulator, show))
    if form == "json":
        print_json([{**asdict(check), "verdict": check.verdict.value} for check in told])
    else:
        _print_counts(told)
    sys.exit(FINDINGS if any(check.verdict is HealthStatus.FAILED for check in told) else 0)


def connecting(
    root: Path, loaded: LoadedTenant, simulator: str | None
) -> Callable[[], Awaitable[Connection]]:
    """How a tenant is connected: as its tenant.yaml says, or to a simulator."""
    if simulator is not None:
        return partial(simulated_connection, loaded.name, simulator)
    return partial(_own, root, loaded)


async def _own(root: Path, loaded: LoadedTenant) -> Connection:
    assert loaded.tenant is not None
    return connection_of(loaded.tenant, root / loaded.name, os.environ)


async def _examined(
    root: Path, loaded: LoadedTenant, simulator: str | None, show: Callable[[HealthCheck], None]
) -> list[HealthCheck]:
    async def known() -> KnownSystems:
        if simulator is not None:
            return both(await simulated_connection(loaded.name, simulator))
        assert loaded.tenant is not None
        return known_of(loaded.tenant, root / loaded.name, os.environ)

    told = []
    first = CREDENTIALS if simulator is None else SIMULATOR
    service = _service(root, loaded, is_simulated=simulator is not None)
    async with aclosing(checks(loaded, known, first=first, service=service)) as coming:
        async for check in coming:
            show(check)
            told.append(check)
    return told


def _service(root: Path, loaded: LoadedTenant, *, is_simulated: bool) -> ServiceSettings:
    """What the service would need, as far as the tenant says any of it."""
    tenant = loaded.tenant
    if tenant is None:
        return ServiceSettings()
    at = (tenant, root / loaded.name, os.environ)
    return ServiceSettings(
        partial(read_event_keys, *at) if has_event_keys(tenant) else None,
        partial(read_webhook_settings, *at, simulated=is_simulated)
        if has_webhook(tenant)
        else None,
    )


def _nothing(_: HealthCheck) -> None:
    """A document is written as a whole."""


def _print_check(check: HealthCheck) -> None:
    mark, style = _MARKS[check.verdict]
    name = clean(check.name).ljust(_NAME_WIDTH)
    target = console()
    target.print(Text.assemble((mark, style), f" {name} ", (clean(check.words), style)))
    for line in check.hint.splitlines():
        target.print(Text(f"  {' ' * _NAME_WIDTH} {clean(line)}"))


def _print_counts(told: list[HealthCheck]) -> None:
    counts = (
        (verdict, sum(check.verdict is verdict for check in told)) for verdict in HealthStatus
    )
    words = ", ".join(_counted(count, verdict) for verdict, count in counts if count)
    is_bad = any(check.verdict is HealthStatus.FAILED for check in told)
    console().print(Text(words, style="bold red" if is_bad else "green"))


def _counted(count: int, verdict: HealthStatus) -> str:
    several = "s" if verdict is HealthStatus.WARNING and count > 1 else ""
    return f"{count} {verdict.value}{several}"
