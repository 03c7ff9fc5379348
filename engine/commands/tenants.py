"""Selects and loads the tenants of a command; a tenant with errors ends it with its findings."""

from __future__ import annotations

from pathlib import Path

import click

from ..mapping.load import LoadedTenant, list_tenants, load_tenant, open_folder
from ..mapping.plan import Plan
from .exit import exit_with_findings
from .output.terminal import print_findings


def select_tenants(root: Path, tenant: str | None) -> tuple[str, ...]:
    """Return the named tenant, or all tenants. Raise UsageError where there is none."""
    tenants = list_tenants(root)
    if tenant is None and tenants:
        return tenants
    if (root / "tenant.yaml").is_file():
        raise click.UsageError(f"{str(root)!r} is a tenant: give its parent folder with --mappings")
    if tenant is None and root.is_dir():
        raise click.UsageError(f"there is no tenant in {str(root)!r}: no folder has a tenant.yaml")
    if tenant in tenants:
        return (tenant,)
    if not root.is_dir():
        hint = "name it with --mappings DIR or ERPMAP_MAPPINGS"
        raise click.UsageError(f"there is no folder {str(root)!r}; {hint}")
    known = (
        ", ".join(ascii(name)[1:-1] for name in tenants)
        or "none: a tenant is a folder with a tenant.yaml"
    )
    raise click.UsageError(f"there is no tenant {tenant!r} in {str(root)!r}; there are: {known}")


def load_named_tenant(
    root: Path, tenant: str, shown_as: str | None = None, *, with_unfilled: bool = False
) -> LoadedTenant:
    """Load a tenant from the folder of mappings; findings name its files below `shown_as`."""
    return load_tenant(open_folder(root, shown_as), tenant, with_unfilled=with_unfilled)


def load_plans(root: Path, tenant: str, mapping: str | None, form: str) -> tuple[Plan, ...]:
    """Return the tenant's plans, or only that of `mapping`; exit with its findings on errors."""
    return load_ready_tenant(root, tenant, mapping, form)[1]


def load_ready_tenant(
    root: Path, tenant: str, mapping: str | None, form: str, *, with_unfilled: bool = False
) -> tuple[LoadedTenant, tuple[Plan, ...]]:
    """Return the tenant and its plans, or only that of `mapping`; exit with its findings on errors.

    Cells of tables that are still to be filled in are errors, except with `with_unfilled`.
    """
    (name,) = select_tenants(root, tenant)
    loaded = load_named_tenant(root, name, with_unfilled=with_unfilled)
    if not loaded.ok:
        exit_with_findings(loaded.findings, form)
    if form == "human" and loaded.findings:
        print_findings(loaded.findings, stderr=True)
    plans = tuple(plan for plan in loaded.plans if mapping in (None, plan.name))
    if not plans:
        known = ", ".join(plan.name for plan in loaded.plans)
        raise click.UsageError(f"{tenant} has no mapping {mapping!r}; it has: {known}")
    return loaded, plans
