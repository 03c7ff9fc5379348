"""What is measured of erpmap alone: compiling a tenant, a long order, cores and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from engine.run.compiled import compile_program

from . import ours
from .corpus import write_corpus
from .tables import ROOT, TENANT

LONG = TENANT / "cases" / "lines-two-thousand"
JOBS = (1, 2)
_ERPMAP = (str(Path(sys.executable).with_name("erpmap")),)


@dataclass(frozen=True, slots=True)
class Whole:
    """The command over a folder of orders: seconds, and the most memory of one process in MB.

    `jobs` is None where the command has no such option.
    """

    orders: int
    jobs: int | None
    seconds: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Orders a second, start-up included."""
        return self.orders / self.seconds


def milliseconds(step: Callable[[], object], times: int) -> float:
    """The median time of a step, warmed up."""
    step()
    taken = []
    for _ in range(times):
        start = perf_counter()
        step()
        taken.append(perf_counter() - start)
    return 1000 * median(taken)


def compiling(times: int) -> float:
    """Milliseconds from a tenant's files to the functions of its mappings."""

    def step() -> None:
        for plan in ours.load().plans:
            assert compile_program(plan).compiled is not None

    return milliseconds(step, times)


def long_order(times: int) -> float:
    """Milliseconds of an order of 2,000 lines, text to text."""
    render = ours.renderer()
    event = (LONG / "event.json").read_bytes()
    order = (LONG / "order.json").read_bytes()
    assert render(event, order) is not None
    return milliseconds(lambda: render(event, order), times)


def has_jobs() -> bool:
    """Whether `render` can use several cores."""
    shown = subprocess.run(  # noqa: S603 # our own command
        [*_ERPMAP, "render", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return "--jobs" in shown.stdout


def whole(scratch: Path, orders: int, tell: Callable[[str], None]) -> list[Whole]:
    """The command over that many orders, with one job and with two where it has the option."""
    folder = scratch / f"corpus-{orders}"
    if not folder.is_dir():
        tell(f"writing {orders:,} orders")
        write_corpus(folder, orders)
    jobs: tuple[int | None, ...] = JOBS if has_jobs() else (None,)
    measured = []
    for count in jobs:
        tell(f"rendering {orders:,} orders with {count or 'no'} --jobs")
        measured.append(_render_all(folder, orders, count))
    return measured


def _render_all(folder: Path, orders: int, jobs: int | None) -> Whole:
    option = [] if jobs is None else ["--jobs", str(jobs)]
    command = [*_ERPMAP, "render", ours.TENANT, "--all", str(folder), "--format", "json", *option]
    watch = [sys.executable, "-m", "benchmarks.watch", *command]
    done = subprocess.run(watch, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 # ours
    return Whole(orders, jobs, **json.loads(done.stdout))
