"""What `erpmap test` does: run the cases of a tenant, or of all, and print the results."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import click

from ...files.beneath import Root
from ...files.read_record import ReadRecord
from ...findings.errors import ReadError
from ...orders.cases import CaseResult, find_cases, run_case, update_expectation
from ...orders.order import build_inputs, read_order
from ...run.coverage import PlanCoverage, merge_coverage
from ..exit import FINDINGS, exit_with_findings
from ..output.terminal import print_data, progress
from ..recorded_lookups import read_recorded_lookups
from ..tenants import load_named_tenant, select_tenants
from .causes import TenantPlans, group_failures
from .coverage_report import TenantCoverage, count_percent, print_coverage
from .junit import write_junit
from .report import describe_counts, print_cases, print_cases_json, select_failed


@dataclass(frozen=True, slots=True)
class TestRequest:
    """What is asked for: the cases of a tenant, or of all, whose names contain the pattern.

    `coverage` is the format of the coverage, None without one; `at_least` is its gate, in per cent.
    """

    root: Path
    tenant: str | None
    pattern: str
    update: bool
    form: str
    is_strict: bool
    coverage: str | None = None
    at_least: Decimal | None = None


@dataclass(slots=True)
class TestRun:
    """The results of all cases, each with its tenant; the plans of each tenant, and the files that were read."""

    results: list[tuple[str, CaseResult]] = field(default_factory=list)
    tenants: dict[str, TenantPlans] = field(default_factory=dict)
    coverage: list[TenantCoverage] = field(default_factory=list)
    reads: list[ReadRecord] = field(default_factory=list)


def test_tenants(request: TestRequest) -> NoReturn:
    """Run the cases, print the results, and exit with the code that `run_tests` returns."""
    sys.exit(run_tests(request, TestRun()))


def run_tests(request: TestRequest, run: TestRun) -> int:
    """Run the cases, print the results, and return the exit code; what is done is added to `run`.

    With `update`, write the outcomes of failed cases as their expectations. Exit 1 when a case fails
    or when there is none. A tenant that cannot run ends the command. A strict test exits with 1 for a tenant with warnings, and runs no case of it.
    """
    for name in select_tenants(request.root, request.tenant):
        run.results += [(name, result) for result in _run_cases(request, name, run)]
    failed = [result for _, result in run.results if not result.passed]
    if request.update:
        for result in failed:
            update_expectation(result)
    causes = group_failures(select_failed(run.results, updated=request.update), run.tenants)
    if request.coverage not in (None, "text"):
        click.echo(describe_counts(run.results, causes, updated=request.update), err=True)
    elif request.form == "junit":
        print_data(write_junit(run.results, causes))
    elif request.form == "json":
        print_cases_json(run.results, causes)
    else:
        print_cases(run.results, causes, updated=request.update)
    is_short = request.coverage is not None and not _show_coverage(request, run)
    is_left = bool(causes) if request.update else bool(failed)
    return FINDINGS if is_left or is_short or not run.results else 0


def _show_coverage(request: TestRequest, run: TestRun) -> bool:
    """Print the coverage; return whether it is as high as the gate wants."""
    assert request.coverage is not None
    print_coverage(run.coverage, request.coverage)
    percent = count_percent(run.coverage)
    if request.at_least is None or percent >= request.at_least:
        return True
    click.echo(
        f"the cases reach {percent} per cent, and --at-least says {request.at_least}", err=True
    )
    return False


def _add_coverage(
    tenant: str, plans: TenantPlans, cases: Sequence[Path], roots: Sequence[Root]
) -> TenantCoverage:
    """Run the cases once more, noting what they reach; an order that cannot be read reaches nothing."""
    parts = [PlanCoverage(plan) for plan in plans.plans]
    for folder in cases:
        for part in parts:
            with suppress(ReadError):
                part.add_order(build_inputs(part.plan, read_order(folder, roots), plans.shared))
    return TenantCoverage(tenant, merge_coverage(iter(parts)))


def _run_cases(request: TestRequest, tenant: str, run: TestRun) -> Iterator[CaseResult]:
    root, form = request.root, request.form
    loaded = load_named_tenant(root, tenant, root.resolve().name)
    run.reads.append(loaded.read)
    if not loaded.ok or (request.is_strict and loaded.findings):
        if loaded.ok:
            click.echo(f"{tenant}: no case is run, --strict allows no warnings", err=True)
        exit_with_findings(loaded.findings, form)
    roots = loaded.read.roots
    shared = read_recorded_lookups(root, tenant, (), form, roots=roots)
    run.tenants[tenant] = TenantPlans(loaded.plans, shared)
    found = find_cases(root / tenant / "cases", roots)
    if not found:
        click.echo(f"{tenant}: no case was run, nothing tests its mappings", err=True)
    cases = [case for case in found if request.pattern in case[0]]
    with progress(f"cases of {tenant}") as bar:
        for name, folder in bar.track(cases):
            yield run_case(name, folder, loaded.plans, shared, roots)
    if request.coverage is not None:
        folders = [folder for _, folder in cases]
        run.coverage.append(_add_coverage(tenant, run.tenants[tenant], folders, roots))
