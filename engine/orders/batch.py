"""Render orders in batches: folder names in, printable results out.

A batch has the same result in this process and in a worker process. The result is small: lines of
JSON as bytes, or a summary.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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

# Small enough for early first results, large enough that passing a batch costs little. The names fit
# into the buffer of a socket (8 kB on macOS), so that sending a batch never waits.
_MAX_ORDERS, _MAX_BYTES = 64, 4_000


@dataclass(frozen=True, slots=True)
class BatchTask:
    """How to render the orders below `folder`; `form` is human or json."""

    plans: tuple[Plan, ...]
    folder: Path
    shared: Mapping[str, SourceText]
    form: str


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """The data from which another process loads the same task; `plans` are names and versions."""

    mappings: Path
    tenant: str
    plans: tuple[tuple[str, str], ...]
    folder: Path
    shared: Mapping[str, SourceText]
    form: str

    def load(self) -> Callable[[Sequence[str]], FinishedBatch]:
        """Return the function that renders a batch. Raise WorkerError if the mappings changed."""
        return partial(render_batch, load_task(self))


@dataclass(frozen=True, slots=True)
class Batch:
    """Folder names in order, and the number of known folders not scanned yet."""

    names: tuple[str, ...]
    folders_left: int


@dataclass(frozen=True, slots=True)
class FinishedBatch:
    """The result of a batch: the states of its orders, and lines of JSON or a summary."""

    orders: int
    states: frozenset[RunState]
    lines: bytes = b""
    summary: OutcomeSummary | None = None


def describe_task(task: BatchTask, mappings: Path) -> BatchSettings:
    """Return the settings of a task whose tenant is in this folder of mappings."""
    versions = tuple((plan.name, plan.version) for plan in task.plans)
    return BatchSettings(
        mappings=mappings,
        tenant=task.plans[0].tenant,
        plans=versions,
        folder=task.folder,
        shared=task.shared,
        form=task.form,
    )


def load_task(settings: BatchSettings) -> BatchTask:
    """Load the tenant again and return the task. Raise WorkerError if the mappings changed."""
    loaded = load_tenant(open_folder(settings.mappings), settings.tenant)
    wanted = [name for name, _ in settings.plans]
    plans = tuple(plan for plan in loaded.plans if plan.name in wanted)
    if tuple((plan.name, plan.version) for plan in plans) != settings.plans:
        raise WorkerError(f"the mappings of {settings.tenant} changed during the run; run it again")
    return BatchTask(
        plans=plans, folder=settings.folder, shared=settings.shared, form=settings.form
    )


def split_into_batches(found: Iterable[tuple[str, int]]) -> Iterator[Batch]:
    """Yield the folders in batches, while they are being found."""
    names: list[str] = []
    size = folders_left = 0
    for name, folders_left in found:
        length = len(os.fsencode(name))
        if names and size + length > _MAX_BYTES:
            yield Batch(tuple(names), folders_left + 1)
            names, size = [], 0
        names.append(name)
        size += length
        if len(names) == _MAX_ORDERS:
            yield Batch(tuple(names), folders_left)
            names, size = [], 0
    if names:
        yield Batch(tuple(names), folders_left)


def render_batch(task: BatchTask, names: Sequence[str]) -> FinishedBatch:
    """Render the named orders; a file that cannot be read is a finding of its order."""
    states: set[RunState] = set()
    lines: list[bytes] = []
    summary = OutcomeSummary()
    for name in names:
        path = join_path(task.folder, name)
        outcomes = run_folder(task.plans, path, task.shared)
        states.update(outcome.state for outcome in outcomes)
        if task.form == "json":
            lines += [outcome_line(name, outcome) for outcome in outcomes]
        else:
            summary.add(name, path, outcomes)
    return FinishedBatch(
        orders=len(names),
        states=frozenset(states),
        lines=b"".join(lines),
        summary=None if task.form == "json" else summary,
    )
