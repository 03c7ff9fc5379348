"""What `erpmap doctor` does: run the checks of a tenant, and print each when it has ended."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NoReturn

import click
from rich.text import Text

from ...findings.health import HealthCheck, HealthStatus
from ...mapping.load import LoadedTenant, list_tenants
from ...mapping.operator_file import describe_walls
from ...orders.cases import find_cases
from ...orders.report.excerpt import clean
from ...service.tenant_settings import (
    has_event_keys,
    has_webhook,
    read_event_keys,
    read_webhook_settings,
)
from ..connect import KnownSystems, as_known_systems, read_known_systems, simulated_connection
from ..exit import FINDINGS, exit_with_findings
from ..output.terminal import console, print_json
from ..tenants import load_named_tenant, select_tenants
from .checks import CREDENTIALS, SIMULATOR, ServiceSettings, run_checks

_MARKS = {
    HealthStatus.OK: ("✓", "green"),
    HealthStatus.WARNING: ("!", "yellow"),
    HealthStatus.FAILED: ("✗", "bold red"),
    HealthStatus.SKIPPED: ("–", "dim"),
}
_NAME_WIDTH = 36


def check_tenant(root: Path, tenant: str, simulator: str | None, form: str) -> NoReturn:
    """Check a tenant, print the results, and exit: 0 when no check failed."""
    (name,) = select_tenants(root, tenant)
    loaded = load_named_tenant(root, name)
    if not loaded.ok:
        exit_with_findings(loaded.findings, form)
    click.echo(describe_walls(list_tenants(root), root), err=True)
    if not find_cases(root / name / "cases", loaded.read.roots):
        click.echo(f"{name}: no case was run, nothing tests its mappings", err=True)
    show = _show_nothing if form == "json" else _print_check
    checks = asyncio.run(_run_checks(root, loaded, simulator, show))
    if form == "json":
        print_json([{**asdict(check), "verdict": check.verdict.value} for check in checks])
    else:
        _print_counts(checks)
    sys.exit(FINDINGS if any(check.verdict is HealthStatus.FAILED for check in checks) else 0)


async def _run_checks(
    root: Path, loaded: LoadedTenant, simulator: str | None, show: Callable[[HealthCheck], None]
) -> list[HealthCheck]:
    async def read_systems() -> KnownSystems:
        if simulator is not None:
            return as_known_systems(await simulated_connection(loaded.name, simulator))
        assert loaded.tenant is not None
        return read_known_systems(loaded.tenant, root / loaded.name, os.environ)

    results = []
    first = CREDENTIALS if simulator is None else SIMULATOR
    service = _service_settings(root, loaded, is_simulated=simulator is not None)
    async with aclosing(run_checks(loaded, read_systems, first=first, service=service)) as running:
        async for check in running:
            show(check)
            results.append(check)
    return results


def _service_settings(root: Path, loaded: LoadedTenant, *, is_simulated: bool) -> ServiceSettings:
    """Return the keys of events and the webhook that the tenant configures."""
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


def _show_nothing(_: HealthCheck) -> None:
    """Print nothing: the JSON document is printed as a whole at the end."""


def _print_check(check: HealthCheck) -> None:
    mark, style = _MARKS[check.verdict]
    name = clean(check.name).ljust(_NAME_WIDTH)
    target = console()
    target.print(Text.assemble((mark, style), f" {name} ", (clean(check.words), style)))
    for line in check.hint.splitlines():
        target.print(Text(f"  {' ' * _NAME_WIDTH} {clean(line)}"))


def _print_counts(checks: list[HealthCheck]) -> None:
    counts = (
        (verdict, sum(check.verdict is verdict for check in checks)) for verdict in HealthStatus
    )
    words = ", ".join(_format_count(count, verdict) for verdict, count in counts if count)
    is_bad = any(check.verdict is HealthStatus.FAILED for check in checks)
    console().print(Text(words, style="bold red" if is_bad else "green"))


def _format_count(count: int, verdict: HealthStatus) -> str:
    plural = "s" if verdict is HealthStatus.WARNING and count > 1 else ""
    return f"{count} {verdict.value}{plural}"
