"""Orders by the batch: names of folders go in, what has to be printed comes out.

A batch gives the same in this process and in a worker's, and what it gives is
small: lines of JSON as bytes, or a digest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..findings.diagnostics import SourceText
from ..findings.errors import WorkerError
from ..mapping.load import load_tenant, open_folder
from ..mapping.plan import Plan
from ..run import RunState
from .order import run_folder
from .order_folders import join_path
from .report.outcomes import outcome_line
from .report.summary import OutcomeSummary

# Few enough that the first results come at once, many enough that handing them over costs nothing.
# Their names fit into what a socket holds (8 kB on macOS): giving a batch never waits.
_MOST_ORDERS, _MOST_BYTES = 64, 4_000


@dataclass(frozen=True, slots=True)
class BatchTask:
    """What is done with every order below `folder`; `form` is human or json."""

    plans: tuple[Plan, ...]
    folder: Path
    shared: Mapping[str, SourceText]
    form: str


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """All that another process has to know, to make the same task; `plans` are names and versions."""

    mappings: Path
    tenant: str
    plans: tuple[tuple[str, str], ...]
    folder: Path
    shared: Mapping[str, SourceText]
    form: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Names of folders in their order, and how many folders were not looked into by then."""

    names: tuple[str, ...]
    ahead: int


@dataclass(frozen=True, slots=True)
class FinishedBatch:
    """What a batch came to: how its orders ended, and lines of JSON or else a digest."""

    orders: int
    states: frozenset[RunState]
    lines: bytes = b""
    digest: OutcomeSummary | None = None


def describe_task(task: BatchTask, mappings: Path) -> BatchSettings:
    """The recipe of a task, whose tenant lies in this folder of mappings."""
    versions = tuple((plan.name, plan.version) for plan in task.plans)
    return BatchSettings(
        mappings=mappings,
        tenant=task.plans[0].tenant,
        plans=versions,
        folder=task.folder,
        shared=task.shared,
        form=task.form,
    )


def load_task(recipe: BatchSettings) -> BatchTask:
    """The task, with the tenant loaded anew. Raise WorkerError when that is not the same now."""
    loaded = load_tenant(open_folder(recipe.mappings), recipe.tenant)
    wanted = [name for name, _ in recipe.plans]
    plans = tuple(plan for plan in loaded.plans if plan.name in wanted)
    if tuple((plan.name, plan.version) for plan in plans) != recipe.plans:
        raise WorkerError(f"the mappings of {recipe.tenant} were changed meanwhile")
    return BatchTask(plans=plans, folder=recipe.folder, shared=recipe.shared, form=recipe.form)


def split_into_batches(found: Iterable[tuple[str, int]]) -> Iterator[Batch]:
    """The folders in batches, as they are found."""
    names: list[str] = []
    size = ahead = 0
    for name, ahead in found:
        own = len(os.fsencode(name))
        if names and size + own > _MOST_BYTES:
            yield Batch(tuple(names), ahead + 1)
            names, size = [], 0
        names.append(name)
        size += own
        if len(names) == _MOST_ORDERS:
            yield Batch(tuple(names), ahead)
            names, size = [], 0
    if names:
        yield Batch(tuple(names), ahead)


def render_batch(task: BatchTask, names: Sequence[str]) -> FinishedBatch:
    """Render the orders of these names; files that cannot be read are findings of theirs."""
    states: set[RunState] = set()
    lines: list[bytes] = []
    digest = OutcomeSummary()
    for name in names:
        path = join_path(task.folder, name)
        outcomes = run_folder(task.plans, path, task.shared)
        states.update(outcome.state for outcome in outcomes)
        if task.form == "json":
            lines += [outcome_line(name, outcome) for outcome in outcomes]
        else:
            digest.add(name, path, outcomes)
    told = None if task.form == "json" else digest
    return FinishedBatch(
        orders=len(names), states=frozenset(states), lines=b"".join(lines), digest=told
    )
