"""What `erpmap validate`, `test` and `show` do: check a tenant's mappings, run its cases, print a mapping."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from ..findings.errors import NotCompiledError, ReadError
from ..mapping.load import load_mapping_node, open_folder
from ..orders.cases import CaseResult, find_cases, run_case, update_expectation
from ..orders.report.findings import FORMATS
from ..orders.report.origins import origin_lines
from ..run.compiled import format_function
from .exit import FINDINGS, exit_with_findings
from .output.terminal import print_cases, print_data, print_validation, progress
from .tenants import load_named_tenant, load_plans, read_recorded_lookups, select_tenants


def validate_tenants(root: Path, tenant: str | None, form: str, *, is_strict: bool) -> NoReturn:
    """Print every finding of a tenant, or of all, and exit: 1 when one of them cannot run.

    A strict validation exits with 1 for warnings too.
    """
    loaded = [load_named_tenant(root, name) for name in select_tenants(root, tenant)]
    if form == "human":
        print_validation(loaded, is_strict=is_strict)
    else:
        print_data(FORMATS[form]([finding for it in loaded for finding in it.findings]))
    failed = any(not it.ok or (is_strict and it.findings) for it in loaded)
    sys.exit(FINDINGS if failed else 0)


def test_tenants(
    root: Path,
    tenant: str | None,
    pattern: str,
    *,
    update: bool,
    form: str,
    is_strict: bool,
) -> NoReturn:
    """Run the cases whose names contain the pattern, print the results, and exit.

    With `update`, write the outcomes of failed cases as their expectations. Exit 1 when a case fails
    or when there is none. A strict test exits with 1 for a tenant with warnings, and runs no case of it.
    """
    results = [
        (name, result)
        for name in select_tenants(root, tenant)
        for result in _run_cases(root, name, pattern, form, is_strict=is_strict)
    ]
    failed = [result for _, result in results if not result.passed]
    if update:
        for result in failed:
            update_expectation(result)
    print_cases(results, form, updated=update)
    sys.exit(FINDINGS if (failed and not update) or not results else 0)


def show_mapping(root: Path, tenant: str, mapping: str) -> None:
    """Print a mapping with its overlays applied and the origin of each key."""
    (name,) = select_tenants(root, tenant)
    try:
        loaded = load_mapping_node(open_folder(root), name, mapping)
    except ReadError as error:
        exit_with_findings(error.findings, "human")
    for line in origin_lines(loaded.node):
        click.echo(line)


def show_function(root: Path, tenant: str, mapping: str) -> NoReturn:
    """Print the Python function of a mapping, or why it has none, and exit."""
    (name,) = select_tenants(root, tenant)
    (plan,) = load_plans(root, name, mapping, "human")
    try:
        print_data(format_function(plan))
    except NotCompiledError as error:
        click.echo(f"{mapping} has no function and runs slower: {error}", err=True)
        sys.exit(FINDINGS)
    sys.exit(0)


def _run_cases(
    root: Path, tenant: str, pattern: str, form: str, *, is_strict: bool
) -> Iterator[CaseResult]:
    loaded = load_named_tenant(root, tenant, root.resolve().name)
    if not loaded.ok or (is_strict and loaded.findings):
        if loaded.ok:
            click.echo(f"{tenant}: no case is run, --strict allows no warnings", err=True)
        exit_with_findings(loaded.findings, form)
    roots = loaded.read.roots
    shared = read_recorded_lookups(root, tenant, (), form, roots=roots)
    found = find_cases(root / tenant / "cases", roots)
    if not found:
        click.echo(f"{tenant}: no case was run, nothing tests its mappings", err=True)
    cases = [case for case in found if pattern in case[0]]
    with progress(f"cases of {tenant}") as bar:
        for name, folder in bar.track(cases):
            yield run_case(name, folder, loaded.plans, shared, roots)
