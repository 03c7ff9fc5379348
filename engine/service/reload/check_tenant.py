"""A tenant's files, loaded and checked by its cases. It runs in a process with limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from ...findings.diagnostics import select_errors
from ...findings.errors import ReadError
from ...mapping.load import LoadedTenant, load_tenant, open_folder
from ...orders.cases import find_cases, run_case
from ...orders.order import LOOKUPS, read_recorded_tables
from ..dispatch.tenants import TenantTrouble


@dataclass(frozen=True, slots=True)
class CheckedTenant:
    """A loaded tenant; it has no plans if `trouble` says why it cannot run."""

    loaded: LoadedTenant
    trouble: TenantTrouble | None


def check_tenant(root: Path, name: str) -> CheckedTenant:
    """Load a tenant, and run its cases. Takes as long as `erpmap test`."""
    loaded = load_tenant(open_folder(root), name)
    trouble = _find_trouble(root / name, loaded)
    return CheckedTenant(loaded if trouble is None else replace(loaded, plans=()), trouble)


def _find_trouble(folder: Path, loaded: LoadedTenant) -> TenantTrouble | None:
    if not loaded.ok:
        run = f"erpmap validate {loaded.name}"
        return TenantTrouble("its files have findings", select_errors(loaded.findings), run)
    run = f"erpmap test {loaded.name}"
    try:
        shared = read_recorded_tables(folder / "cases" / LOOKUPS)
    except ReadError as error:
        return TenantTrouble("its cases cannot be read", error.findings, run)
    failed = [
        case
        for case, path in find_cases(folder / "cases")
        if not run_case(case, path, loaded.plans, shared).passed
    ]
    if not failed:
        return None
    words = f"{len(failed)} of its cases fail, the first is {failed[0]!r}"
    return TenantTrouble(words, run=f"{run} --case {quote(failed[0])}")
