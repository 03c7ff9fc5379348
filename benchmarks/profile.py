"""Where the time of one order goes: reading, each part of the mapping, writing.

    python -m benchmarks.profile

The mapping's own function is run with a clock between its parts; shares are more to be trusted than
microseconds.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from time import perf_counter_ns

from rich.console import Console
from rich.table import Table

from engine.documents import read_json_bytes
from engine.orders.report.outcomes import payloads_text
from engine.run import Inputs
from engine.run.compiled import instrument_function

from . import ours
from .corpus import corpus

ORDERS, ROUNDS = 300, 5
# What the notes of the function begin with, and what is shown for it.
PARTS = {
    "start": "is it an event that the mapping wants",
    "on": "is it an event that the mapping wants",
    "sources": "answers: whole, and their money exact",
    "ready": "ready conditions",
    "fields": "fields",
    "values": "values",
    "lines": "lines",
    "records": "records, held against their schemas",
    "checks": "checks, and the outcome",
}


def main() -> None:
    """Print the table."""
    taken: dict[str, list[int]] = {}
    plan, tables = ours.plan(), ours.live_tables()
    ticks: list[tuple[str, int]] = []
    run = instrument_function(plan, lambda note: ticks.append((note, perf_counter_ns())))
    for _ in range(ROUNDS):
        for texts in corpus(ORDERS):
            ticks.clear()
            ticks.append(("reading", perf_counter_ns()))
            event = read_json_bytes("event", texts.event)
            order = read_json_bytes("order", texts.order)
            outcome = run(Inputs(event, {"order": order}, tables))
            ticks.append(("writing", perf_counter_ns()))
            payloads_text(outcome)
            ticks.append(("", perf_counter_ns()))
            _add(taken, ticks)
    _print({part: median(times) / 1000 for part, times in taken.items()})


def _add(taken: dict[str, list[int]], ticks: list[tuple[str, int]]) -> None:
    """Add the time between each tick and the next to the part that the tick began."""
    one: dict[str, int] = {}
    for (note, begun), (_, ended) in pairwise(ticks):
        part = PARTS.get(note.partition(".")[0], note)
        one[part] = one.get(part, 0) + ended - begun
    for part, time in one.items():
        taken.setdefault(part, []).append(time)


def _print(parts: dict[str, float]) -> None:
    table = Table("part", "µs", "share", title="one order of 3.7 KB", title_justify="left")
    whole = sum(parts.values())
    for part, microseconds in parts.items():
        table.add_row(part, f"{microseconds:.0f}", f"{microseconds / whole:.0%}")
    table.add_row("all", f"{whole:.0f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
