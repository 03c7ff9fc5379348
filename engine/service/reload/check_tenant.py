"""A tenant's files, loaded and checked by its cases. It runs in a process with limits."""

from __future__ import annotations

from collections.abc import Sequence
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
    """A loaded tenant; it has no plans if `trouble` says why it cannot run.

    `cases` is the number of cases that were run.
    """

    loaded: LoadedTenant
    trouble: TenantTrouble | None
    cases: int = 0


def check_tenant(root: Path, name: str) -> CheckedTenant:
    """Load a tenant, and run its cases. Takes as long as `erpmap test`."""
    loaded = load_tenant(open_folder(root), name)
    if not loaded.ok:
        run = f"erpmap validate {name}"
        trouble = TenantTrouble("its files have findings", select_errors(loaded.findings), run)
        return CheckedTenant(replace(loaded, plans=()), trouble)
    cases = find_cases(root / name / "cases", loaded.read.roots)
    found = _find_trouble(root / name / "cases", cases, loaded)
    return CheckedTenant(
        loaded if found is None else replace(loaded, plans=()), found, cases=len(cases)
    )


def _find_trouble(
    folder: Path, cases: Sequence[tuple[str, Path]], loaded: LoadedTenant
) -> TenantTrouble | None:
    """Run the cases in a folder; return which of them fail, if any does."""
    run, roots = f"erpmap test {loaded.name}", loaded.read.roots
    try:
        shared = read_recorded_tables(folder / LOOKUPS, roots)
    except ReadError as error:
        return TenantTrouble("its cases cannot be read", error.findings, run)
    failed = [
        case for case, path in cases if not run_case(case, path, loaded.plans, shared, roots).passed
    ]
    if not failed:
        return None
    words = f"{len(failed)} of its cases fail, the first is {failed[0]!r}"
    return TenantTrouble(words, run=f"{run} --case {quote(failed[0])}")
