"""The results, for people as tables and for programs as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from .more import Whole
from .rounds import Speed
from .verdicts import Verdict

_WIDTH = 150
CLOCK = "wall clock (perf_counter, and hrtime on node), start-up excluded"


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured; `skipped` are the rivals that are not installed, with why."""

    speeds: Sequence[Speed]
    verdicts: Mapping[str, Verdict]
    skipped: Mapping[str, str]
    batch: int
    rounds: int
    leaves: float
    kilobytes: float
    compiling: float
    long_order: float
    wholes: Sequence[Whole]

    def document(self) -> dict[str, object]:
        """All of it as a JSON object; times in milliseconds or seconds as the keys say."""
        return {
            "orders_per_round": self.batch,
            "rounds": self.rounds,
            "clock": CLOCK,
            "leaves_per_order": round(self.leaves, 1),
            "kilobytes_per_order": round(self.kilobytes, 2),
            "contenders": [self._contender(speed) for speed in self.speeds],
            "skipped": dict(self.skipped),
            "compile_tenant_ms": round(self.compiling, 1),
            "order_of_2000_lines_ms": round(self.long_order, 1),
            "whole_command": [_whole(whole) for whole in self.wholes],
        }

    def _contender(self, speed: Speed) -> dict[str, object]:
        verdict = self.verdicts[speed.contender.name]
        return {
            "name": speed.contender.name,
            "orders_per_second": round(speed.rate, 1),
            "rounds": [round(rate, 1) for rate in speed.rates],
            "erpmap_is_times_as_fast": _rounded(speed.ratios, speed.ratio),
            "note": speed.contender.note,
            "identical": verdict.identical,
            "equal_at_minor_units": verdict.equal,
            "differences": dict(verdict.differences),
        }


def print_results(results: Results) -> None:
    """Tables on stdout."""
    console = Console(width=_WIDTH, highlight=False)
    console.print(_speeds(results))
    console.print(
        f"median of {results.rounds} rounds of the same {results.batch:,} orders, "
        f"each of {results.kilobytes:.1f} KB with {results.leaves:.0f} leaves in its payloads; {CLOCK}\n"
    )
    for name, why in results.skipped.items():
        console.print(f"SKIPPED {name}: {why}", style="bold yellow")
    console.print("payloads, compared with those of the mapping by hand")
    for name, verdict in results.verdicts.items():
        console.print(f"  {name}: {verdict.words}")
    console.print(f"\ncompiling the tenant: {results.compiling:,.0f} ms")
    console.print(f"an order of 2,000 lines, text to text: {results.long_order:,.0f} ms\n")
    console.print(_wholes(results.wholes))
    if any(whole.jobs is None for whole in results.wholes):
        console.print("SKIPPED several cores: render has no --jobs here", style="bold yellow")


def _speeds(results: Results) -> Table:
    table = Table(box=SIMPLE, title="one order to its payloads, text to text", title_justify="left")
    table.add_column("contender")
    for heading in ("orders/s", "min–max", "erpmap is", "min–max", "leaves", "KB/order"):
        table.add_column(heading, justify="right")
    table.add_column("what it leaves out")
    for speed in results.speeds:
        table.add_row(
            speed.contender.name,
            f"{speed.rate:,.0f}",
            f"{min(speed.rates):,.0f}–{max(speed.rates):,.0f}",
            f"{speed.ratio:.3f}×",
            f"{min(speed.ratios):.3f}–{max(speed.ratios):.3f}",
            f"{results.leaves:.0f}",
            f"{results.kilobytes:.1f}",
            speed.contender.note,
        )
    return table


def _wholes(wholes: Sequence[Whole]) -> Table:
    title = "the whole command: render --all, files in, JSON out, start-up included"
    table = Table(box=SIMPLE, title=title, title_justify="left")
    for heading in ("orders", "jobs", "seconds", "orders/s", "peak MB a process"):
        table.add_column(heading, justify="right")
    for whole in wholes:
        table.add_row(
            f"{whole.orders:,}",
            str(whole.jobs or "–"),
            f"{whole.seconds:,.1f}",
            f"{whole.rate:,.0f}",
            f"{whole.megabytes:,.0f}",
        )
    return table


def _whole(whole: Whole) -> dict[str, object]:
    return {
        "orders": whole.orders,
        "jobs": whole.jobs,
        "seconds": round(whole.seconds, 2),
        "orders_per_second": round(whole.rate, 1),
        "peak_megabytes_of_a_process": round(whole.megabytes, 1),
    }


def _rounded(ratios: Sequence[float], ratio: float) -> dict[str, float]:
    return {"median": round(ratio, 4), "min": round(min(ratios), 4), "max": round(max(ratios), 4)}
