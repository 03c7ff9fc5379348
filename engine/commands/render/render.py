"""What `erpmap render` does: render one order from files, or every order below a folder.

A few orders are printed in full; many are rendered on all cores and summarized.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NoReturn

import click

from ...findings.diagnostics import SourceText
from ...findings.errors import ReadError, WorkerError
from ...mapping.plan import Plan
from ...orders.batch import (
    Batch,
    BatchTask,
    FinishedBatch,
    describe_task,
    render_batch,
    split_into_batches,
)
from ...orders.order import read_named_order, run_folder, run_order
from ...orders.order_folders import EVENT, find_orders, join_path
from ...orders.report.outcomes import outcome_line
from ...orders.report.summary import OutcomeSummary
from ...orders.worker_pool import run_batches
from ...run import Outcome, RunState
from ..exit import exit_with_findings
from ..output.outcomes import exit_code, print_outcomes, print_summary
from ..output.overview import order_progress, print_digest
from ..output.terminal import has_terminal, print_findings, print_json_text, progress

# The human format prints a row for each of up to so many orders.
_MAX_ROWS = 200


def render_order(
    plans: Sequence[Plan],
    event: Path,
    sources: Sequence[tuple[str, Path]],
    shared: dict[str, SourceText],
    form: str,
) -> NoReturn:
    """Render the order in the given files, print it, and exit."""
    refuse_unknown(plans, sources)
    try:
        outcomes = tuple(run_order(plans, read_named_order(event, dict(sources)), shared))
    except ReadError as error:
        exit_with_findings(error.findings, form)
    print_outcomes(outcomes, form)
    sys.exit(exit_code({outcome.state for outcome in outcomes}))


def render_folder(
    plans: Sequence[Plan], folder: Path, shared: dict[str, SourceText]
) -> Iterator[tuple[str, Outcome]]:
    """Yield the outcomes of each order below a folder; show a progress bar on stderr."""
    names = [name for name, _ in find_orders(folder)]
    with progress("rendering") as bar:
        for name in bar.track(names):
            for outcome in run_folder(plans, join_path(folder, name), shared):
                yield name, outcome


def render_all(task: BatchTask, mappings: Path, jobs: int | None) -> NoReturn:
    """Render every order below a folder with a tenant of `mappings`, print them, and exit.

    `jobs` processes render; with None one for each core, after the first second.
    """
    found = find_orders(task.folder)
    first = list(islice(found, _MAX_ROWS + 1))
    if not first:
        raise click.UsageError(f"there is no {EVENT} below {str(task.folder)!r}")
    if len(first) <= _MAX_ROWS:
        states = _render_few(task, [name for name, _ in first])
    else:
        batches = split_into_batches(chain(first, found))
        work, settings = partial(render_batch, task), describe_task(task, mappings)
        with closing(run_batches(work, settings, batches, jobs)) as finished:
            states = _print_many(finished, task.form)
    sys.exit(exit_code(states))


def refuse_unknown(plans: Sequence[Plan], sources: Sequence[tuple[str, Path]]) -> None:
    """Raise UsageError for a source that no mapping has: its name is nearly always misspelt."""
    known = {source.name for plan in plans for source in plan.sources}
    for name, _ in sources:
        if name not in known:
            shown = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"no mapping has a source {name!r}; the sources are: {shown}")


def _render_few(task: BatchTask, names: Sequence[str]) -> set[RunState]:
    """Render orders and print each of them; return their states."""
    rendered: list[tuple[str, Outcome]] = []
    states: set[RunState] = set()
    with order_progress(visible=_is_bar_wanted(task.form)) as bar:
        for name in bar.track(names):
            outcomes = run_folder(task.plans, join_path(task.folder, name), task.shared)
            states.update(outcome.state for outcome in outcomes)
            if task.form == "json":
                print_json_text(b"".join(outcome_line(name, outcome) for outcome in outcomes))
            else:
                rendered += [(name, outcome) for outcome in outcomes]
    if task.form == "human":
        print_summary(rendered)
        print_findings((f for _, outcome in rendered for f in outcome.findings), stderr=True)
    return states


def _print_many(finished: Iterator[tuple[Batch, FinishedBatch]], form: str) -> set[RunState]:
    """Print JSON lines as they come, or a digest at the end; return the states."""
    digest = OutcomeSummary()
    states: set[RunState] = set()
    done = 0
    try:
        with order_progress(visible=_is_bar_wanted(form)) as bar:
            shown = bar.add_task("rendering", total=None)
            for batch, result in finished:
                print_json_text(result.lines)
                states |= result.states
                if result.summary is not None:
                    digest.merge(result.summary)
                done += result.orders
                bar.update(shown, completed=done, total=done + batch.folders_left)
    except WorkerError as error:
        raise click.ClickException(str(error)) from error
    if form == "human":
        print_digest(digest)
    return states


def _is_bar_wanted(form: str) -> bool:
    """Whether to show a bar: not between JSON lines on a terminal, which show the progress themselves."""
    return form == "human" or not has_terminal()
