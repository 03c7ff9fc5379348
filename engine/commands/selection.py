"""What the commands do between the command line and the program: choose, run, print, exit.

Wrong use is a `click.UsageError`; findings are printed where they belong and end with exit code 1.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from ..findings.diagnostics import Finding, SourceText
from ..findings.errors import (
    AddressError,
    CredentialError,
    ErpmapError,
    FindingsError,
    LedgerError,
    NoAnswerError,
    NotCompiledError,
    ReadError,
    ShopError,
)
from ..mapping.load import LoadedTenant, list_tenants, load_tenant, open_folder
from ..mapping.plan import Plan
from ..orders.cases import CaseResult, find_cases, run_case
from ..orders.order import (
    LOOKUPS,
    read_named_order,
    read_recorded_tables,
    read_text,
    run_folder,
    run_order,
)
from ..orders.order_folders import find_orders, join_path
from ..orders.report.findings import as_document
from ..run import Outcome, RunState
from ..run.compiled import format_function
from .output.terminal import print_data, print_findings, print_json, print_outcomes, progress

T = TypeVar("T")

FINDINGS, NOT_READY = 1, 3
# What programs read of why nothing could be done.
_KINDS: dict[type[ErpmapError], str] = {
    AddressError: "address",
    CredentialError: "credentials",
    LedgerError: "netsuite",
    ShopError: "newstore",
    NoAnswerError: "no_answer",
}


def select_tenants(root: Path, tenant: str | None) -> tuple[str, ...]:
    """The tenant asked for, or all there are."""
    there = list_tenants(root)
    if tenant is None and there:
        return there
    if (root / "tenant.yaml").is_file():
        raise click.UsageError(f"{str(root)!r} is a tenant: --mappings names the folder it is in")
    if tenant is None and root.is_dir():
        raise click.UsageError(f"there is no tenant in {str(root)!r}: no folder has a tenant.yaml")
    if tenant in there:
        return (tenant,)
    if not root.is_dir():
        hint = "name it with --mappings DIR or ERPMAP_MAPPINGS"
        raise click.UsageError(f"there is no folder {str(root)!r}; {hint}")
    known = (
        ", ".join(ascii(name)[1:-1] for name in there)
        or "none: a tenant is a folder with a tenant.yaml"
    )
    raise click.UsageError(f"there is no tenant {tenant!r} in {str(root)!r}; there are: {known}")


def load_named_tenant(root: Path, tenant: str, shown_as: str | None = None) -> LoadedTenant:
    """The tenant of that name, loaded from the folder of mappings."""
    return load_tenant(open_folder(root, shown_as), tenant)


def load_plans(root: Path, tenant: str, mapping: str | None, form: str) -> tuple[Plan, ...]:
    """The tenant's plans, or an end with its findings."""
    return load_ready_tenant(root, tenant, mapping, form)[1]


def load_ready_tenant(
    root: Path, tenant: str, mapping: str | None, form: str
) -> tuple[LoadedTenant, tuple[Plan, ...]]:
    """The tenant and those of its plans that are asked for, or an end with its findings."""
    (name,) = select_tenants(root, tenant)
    loaded = load_named_tenant(root, name)
    if not loaded.ok:
        exit_with_findings(loaded.findings, form)
    if form == "human" and loaded.findings:
        print_findings(loaded.findings, stderr=True)
    plans = tuple(plan for plan in loaded.plans if mapping in (None, plan.name))
    if not plans:
        known = ", ".join(plan.name for plan in loaded.plans)
        raise click.UsageError(f"{tenant} has no mapping {mapping!r}; it has: {known}")
    return loaded, plans


def print_function(root: Path, tenant: str, mapping: str) -> NoReturn:
    """Print the function that a mapping is compiled to, or why it has none, and exit."""
    (plan,) = load_plans(root, tenant, mapping, "human")
    try:
        print_data(format_function(plan))
    except NotCompiledError as error:
        click.echo(f"{mapping} is interpreted, which is slower: {error}", err=True)
        sys.exit(FINDINGS)
    sys.exit(0)


def read_recorded_lookups(
    root: Path, tenant: str, lookups: Iterable[tuple[str, Path]], form: str
) -> dict[str, SourceText]:
    """The recorded answers of live lookups: the tenant's, and over them those named."""
    try:
        recorded = read_recorded_tables(root / tenant / "cases" / LOOKUPS)
        return recorded | {name: read_text(path) for name, path in lookups}
    except ReadError as error:
        exit_with_findings(error.findings, form)


def run_or_exit(work: Awaitable[T], form: str) -> T:
    """The result; what a system or a credential refuses ends in a sentence or in JSON."""

    async def result() -> T:
        return await work

    try:
        return asyncio.run(result())
    except ErpmapError as error:
        exit_with_error(error, form)


def exit_with_findings(findings: Iterable[Finding], form: str) -> NoReturn:
    """Print findings where they belong and end."""
    if form == "json":
        print_json({"findings": [as_document(finding) for finding in findings]})
    else:
        print_findings(findings, stderr=True)
    sys.exit(FINDINGS)


def exit_with_error(error: ErpmapError, form: str) -> NoReturn:
    """Print why nothing could be done, and end: its findings, or a sentence; as JSON on stdout."""
    if isinstance(error, FindingsError):
        exit_with_findings(error.findings, form)
    if form == "json":
        print_json({"findings": [], "error": error_document(error)})
    else:
        click.echo(f"Error: {error}", err=True)
    sys.exit(FINDINGS)


def error_document(error: ErpmapError) -> dict[str, object]:
    """An error as a JSON object: its kind, its words, and each secret that is missing."""
    words, missing = str(error), list[str]()
    if isinstance(error, CredentialError):
        words, missing = error.words, list(error.missing)
    return {
        "kind": _KINDS.get(type(error), "refused"),
        "words": words,
        "missing": missing,
    }


def render_order(
    plans: Sequence[Plan],
    event: Path,
    sources: Sequence[tuple[str, Path]],
    shared: dict[str, SourceText],
    form: str,
) -> NoReturn:
    """Render the order in the files named, print, and exit."""
    refuse_unknown(plans, sources)
    try:
        outcomes = tuple(run_order(plans, read_named_order(event, dict(sources)), shared))
    except ReadError as error:
        exit_with_findings(error.findings, form)
    print_outcomes(outcomes, form)
    sys.exit(exit_code({outcome.state for outcome in outcomes}))


def refuse_ambiguous(
    event: Path | None, sources: Iterable[tuple[str, Path]], jobs: int | None
) -> None:
    """Refuse sources beside --all, --jobs without it, a name given twice, and stdin asked for twice."""
    names = [name for name, _ in sources]
    if event is not None and jobs is not None:
        raise click.UsageError("--jobs is for the many orders of --all")
    if event is None and names:
        raise click.UsageError("--all takes each order's sources from its folder, not --source")
    if len({"event", *names}) <= len(names):
        raise click.UsageError("each --source needs a name of its own, other than event")
    if [str(path) for path in (event, *(path for _, path in sources))].count("-") > 1:
        raise click.UsageError("only one document can come from stdin")


def refuse_unknown(plans: Sequence[Plan], sources: Sequence[tuple[str, Path]]) -> None:
    """Refuse a source that no mapping asks for: nearly always a slip of the name."""
    known = {source.name for plan in plans for source in plan.sources}
    for name, _ in sources:
        if name not in known:
            shown = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"no mapping has a source {name!r}; there are: {shown}")


def render_folder(
    plans: Sequence[Plan], folder: Path, shared: dict[str, SourceText]
) -> Iterator[tuple[str, Outcome]]:
    """Each order's outcomes, as they come, while a bar on stderr shows how far it is."""
    names = [name for name, _ in find_orders(folder)]
    with progress("rendering") as bar:
        for name in bar.track(names):
            for outcome in run_folder(plans, join_path(folder, name), shared):
                yield name, outcome


def exit_code(states: Collection[RunState]) -> int:
    """The exit code that tells how orders ended: findings before not ready."""
    if RunState.FAILED in states:
        return FINDINGS
    return NOT_READY if RunState.NOT_READY in states else 0


def run_cases(root: Path, tenant: str, pattern: str, form: str) -> Iterator[CaseResult]:
    """Run the tenant's cases whose names hold the pattern, as they come."""
    loaded = load_named_tenant(root, tenant, root.resolve().name)
    if not loaded.ok:
        exit_with_findings(loaded.findings, form)
    shared = read_recorded_lookups(root, tenant, (), form)
    cases = [case for case in find_cases(root / tenant / "cases") if pattern in case[0]]
    with progress(f"cases of {tenant}") as bar:
        for name, folder in bar.track(cases):
            yield run_case(name, folder, loaded.plans, shared)
