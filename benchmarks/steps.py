"""`python -m benchmarks.steps`: what a step of the budget costs at worst, in CPU time and in memory kept.

Every filter, function, test, operator and function of paths runs with adversarial arguments of growing
size. It fails if 20,000 steps may take more than 100 ms, or 700,000 may keep more than 150 MB.
"""

from __future__ import annotations

import sys
import tracemalloc
from dataclasses import dataclass
from time import process_time

import click

from engine.findings.errors import ErpmapError
from engine.language.budget import Budget

from .adversarial import MUCH, Trial, list_trials

MOST_MICROSECONDS, MOST_BYTES = 5.0, 250.0
# Less work than this is not measured: a call has a fixed cost, which the steps of its nodes pay.
_LEAST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What a trial took: its steps, and for each of them microseconds of CPU time and bytes kept."""

    trial: Trial
    steps: int
    microseconds: float
    bytes_kept: float


@click.command()
@click.option("--size", "sizes", multiple=True, type=int, default=(500, 1_000, 2_000))
def main(sizes: tuple[int, ...]) -> None:
    """Print the worst trials of each size; exit with 1 if one is beyond the bounds."""
    beyond = False
    for size in sizes:
        costs = [
            cost for trial in list_trials(size) if (cost := measure(trial)).steps > _LEAST_STEPS
        ]
        costs.sort(key=lambda cost: cost.microseconds, reverse=True)
        largest = max(costs, key=lambda cost: cost.bytes_kept)
        beyond |= costs[0].microseconds > MOST_MICROSECONDS or largest.bytes_kept > MOST_BYTES
        click.echo(f"size {size:,}")
        for cost in [*costs[:5], largest]:
            click.echo(
                f"  {cost.microseconds:6.2f} µs, {cost.bytes_kept:6.1f} B a step"
                f" of {cost.steps:,}: {cost.trial}"
            )
    sys.exit(beyond)


def measure(trial: Trial) -> Cost:
    """Run a trial twice for its time, and once for the memory that its value keeps."""
    times = []
    budget = Budget(MUCH)
    for _ in range(2):
        budget = Budget(MUCH)
        start = process_time()
        _run(trial, budget)
        times.append(process_time() - start)
    steps = MUCH - budget.remaining
    tracemalloc.start()
    kept = _run(trial, Budget(MUCH))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return Cost(trial, steps, min(times) * 1e6 / steps, size / steps)


def _run(trial: Trial, budget: Budget) -> object:
    try:
        return trial.run(budget)
    except ErpmapError:
        return None


if __name__ == "__main__":
    main()
