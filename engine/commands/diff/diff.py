"""What `erpmap diff` does: render orders with two versions of the mappings, and report what differs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NoReturn

import click

from ...files.beneath import Root
from ...findings.diagnostics import SourceText, select_errors
from ...findings.errors import ReadError, WorkerError
from ...mapping.files.folder import MappingsFolder
from ...mapping.load import limit_folder, open_folder
from ...orders.batch import split_into_batches
from ...orders.order_folders import EVENT, find_orders
from ...orders.worker_pool import run_batches
from ..corpus.options import CorpusChoice
from ..corpus.stored_orders import StoredOrder, read_corpus
from ..exit import FINDINGS, exit_with_findings
from ..output.overview import order_progress
from ..output.page_file import write_page_file
from ..output.terminal import print_json
from ..recorded_lookups import read_recorded_lookups
from .allowed_fields import AllowedFields
from .compare_order import PlanPair
from .document import report_document
from .html_page import make_page
from .report import print_report
from .sides import PRESENT, DiffSide, load_side, open_side, split_range
from .summary import DiffReport
from .totals import DiffTotals
from .work import DiffSettings, DiffWork, compare_batch, compare_pairs, make_pairs


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What is compared: a tenant's mappings on two sides, over which orders."""

    tenant: str
    old: str | None
    new: str | None
    mapping: str | None
    corpus: CorpusChoice
    jobs: int | None
    allow: tuple[str, ...]


def diff_tenant(root: Path, request: DiffRequest, page: Path | None, form: str) -> NoReturn:
    """Print the differences, write the page, and exit: 0 when no order differs but as allowed, else 1."""
    before, now = split_range(request.old, request.new)
    with open_side(before or PRESENT, root) as old_folder, open_side(now, root) as new_folder:
        old, new = (
            load_side(folder, request.tenant, request.mapping)
            for folder in (old_folder, new_folder)
        )
        _require_ready(old, new, request, form)
        pairs = make_pairs(old, new)
        totals = _compare_corpus(old, new, pairs, request, form)
        report = DiffReport(
            tenant=request.tenant,
            old=old_folder.label,
            new=new_folder.label,
            entries=tuple((pair.name, entry) for pair in pairs for entry in pair.entries),
            totals=totals,
            allowed=AllowedFields(request.allow),
            is_equal=all(pair.is_same for pair in pairs),
        )
    if page is not None:
        write_page_file(page, make_page(report))
    if form == "json":
        print_json(report_document(report))
    else:
        print_report(report)
    sys.exit(0 if totals.is_same else FINDINGS)


def _require_ready(old: DiffSide, new: DiffSide, request: DiffRequest, form: str) -> None:
    """Exit with the findings of a side that has errors; raise UsageError for an unknown mapping."""
    findings = [*select_errors(old.loaded.findings), *select_errors(new.loaded.findings)]
    if findings:
        if form == "human":
            broken = [side.folder.label for side in (old, new) if not side.loaded.ok]
            click.echo(f"nothing was compared: {' and '.join(broken)} cannot run", err=True)
        exit_with_findings(findings, form)
    if not (old.plans or new.plans):
        known = ", ".join(
            dict.fromkeys(plan.name for plan in (*new.loaded.plans, *old.loaded.plans))
        )
        raise click.UsageError(
            f"{request.tenant} has no mapping {request.mapping!r}; it has: {known}"
        )


def _compare_corpus(
    old: DiffSide,
    new: DiffSide,
    pairs: Sequence[PlanPair],
    request: DiffRequest,
    form: str,
) -> DiffTotals:
    allowed = AllowedFields(request.allow)
    tenant, cases = request.tenant, new.folder.cases
    shared: dict[str, SourceText] = {}
    for root in dict.fromkeys((old.folder.root, new.folder.root, cases)):
        shared |= read_recorded_lookups(root, tenant, (), form, roots=_list_roots(root, tenant))
    if request.corpus.folder is None:
        roots = _list_roots(cases, tenant)
        corpus = read_corpus(request.corpus, cases / tenant / "cases", tenant, shared, roots)
        return _compare_stored(corpus, pairs, allowed)
    work = DiffWork(tuple(pairs), allowed, request.corpus.folder, shared=shared)
    settings = DiffSettings(
        sides=(old.folder, new.folder),
        tenant=request.tenant,
        mapping=request.mapping,
        versions=(old.versions, new.versions),
        allowed=allowed,
        folder=request.corpus.folder,
        shared=shared,
    )
    return _compare_folder(work, settings, request.jobs, is_shown=form == "human")


def _list_roots(root: Path, tenant: str) -> tuple[Root, ...]:
    """Return the folders that links of the tenant's cases may lead to."""
    folder = limit_folder(open_folder(root), tenant)
    return folder.reach() if isinstance(folder, MappingsFolder) else ()


def _compare_stored(
    corpus: Iterator[StoredOrder], pairs: Sequence[PlanPair], allowed: AllowedFields
) -> DiffTotals:
    """Compare the orders of a journal or of cases, one after another."""
    totals = DiffTotals()
    for order in corpus:
        own = [pair for pair in pairs if order.mapping in (None, pair.name)]
        if not own:
            continue
        try:
            totals.add_order([*compare_pairs(order.name, own, order.read_inputs)], allowed)
        except ReadError as error:
            totals.add_unread(order.name, error)
    return totals


def _compare_folder(
    work: DiffWork, settings: DiffSettings, jobs: int | None, *, is_shown: bool
) -> DiffTotals:
    """Compare the orders below a folder, in as many processes as `render --all` uses."""
    found = find_orders(work.folder)
    first = next(found, None)
    if first is None:
        raise click.UsageError(f"there is no {EVENT} below {str(work.folder)!r}")
    totals = DiffTotals()
    batches = split_into_batches(chain((first,), found))
    with (
        order_progress(visible=is_shown) as bar,
        closing(run_batches(partial(compare_batch, work), settings, batches, jobs)) as finished,
    ):
        shown = bar.add_task("comparing", total=None)
        try:
            for batch, result in finished:
                totals.merge(result)
                bar.update(shown, completed=totals.orders, total=totals.orders + batch.folders_left)
        except WorkerError as error:
            raise click.ClickException(str(error)) from error
    return totals
