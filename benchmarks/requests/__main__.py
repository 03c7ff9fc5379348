"""`python -m benchmarks.requests`: what a request costs. stdout carries the table, stderr the progress."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from .contenders import ALLOWANCE
from .measuring import Cost, Result, measure
from .server import serving

_WIDTH = 120
# Rounds, requests in each, and how many at once for the count of connections.
_QUICK, _USUAL = (2, 3), (15, 40)
_AT_ONCE = 20


@click.command()
@click.option("--quick", is_flag=True, help="A smoke run: few requests, numbers that mean nothing.")
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def main(*, quick: bool, form: str) -> None:
    """Measure the CPU time of a request, against httpx alone."""
    rounds, requests = _QUICK if quick else _USUAL
    with serving() as address:
        results = asyncio.run(
            measure(address, rounds=rounds, requests=requests, at_once=_AT_ONCE, tell=_tell)
        )
    if form == "json":
        click.echo(json.dumps([_document(result) for result in results], indent=2))
        return
    console = Console(width=_WIDTH, highlight=False)
    console.print(_table(results))
    console.print(
        f"CPU time of this process; median (range) of {rounds} rounds of {requests} requests each, "
        f"one of each contender in turn\n"
        f"connections: of requests in a row, and of {_AT_ONCE} at once (NetSuite's allowance is {ALLOWANCE})"
    )


def _table(results: Sequence[Result]) -> Table:
    table = Table(box=SIMPLE, title="what a request costs", title_justify="left")
    table.add_column("request")
    table.add_column("contender")
    for heading in ("µs", "× httpx", "range", "connections"):
        table.add_column(heading, justify="right")
    for result in results:
        for cost in result.costs:
            is_ours = cost is result.ours
            ratio, low, high = cost.against(result.bare)
            table.add_row(
                result.name if cost is result.bare else "",
                cost.name,
                f"{cost.seconds * 1e6:,.0f}",
                f"{ratio:.2f}",
                f"{low:.2f}–{high:.2f}",
                f"{result.one_by_one}, {result.at_once}" if is_ours else "",
            )
    return table


def _document(result: Result) -> dict[str, object]:
    return {
        "request": result.name,
        "contenders": [_contender(cost, result.bare) for cost in result.costs],
        "connections": {"in_a_row": result.one_by_one, "at_once": result.at_once},
        "most_connections": ALLOWANCE if "NetSuite" in result.name else _AT_ONCE,
    }


def _contender(cost: Cost, bare: Cost) -> dict[str, object]:
    ratio, low, high = cost.against(bare)
    return {
        "name": cost.name,
        "microseconds": round(cost.seconds * 1e6, 1),
        "times_httpx": {"median": round(ratio, 3), "min": round(low, 3), "max": round(high, 3)},
    }


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    main()
