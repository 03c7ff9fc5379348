"""`python -m benchmarks`: everything in one go. stdout carries the results, stderr the progress."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import click

from .contenders import Contender, MissingError, erpmap, written_by_hand
from .corpus import corpus
from .more import Whole, compiling, long_order, whole
from .report import Results, print_results
from .rivals import RIVALS
from .rounds import race
from .tables import Tables, read_tables
from .verdicts import compare, leaves


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done: orders a round, rounds, repetitions of single steps, orders of the command."""

    batch: int
    rounds: int
    times: int
    folders: tuple[int, ...]


QUICK, USUAL, FULL = (
    Size(20, 2, 1, (20,)),
    Size(2_000, 7, 7, (1_000, 10_000)),
    Size(2_000, 7, 7, (1_000, 100_000)),
)


@click.command()
@click.option("--quick", is_flag=True, help="A smoke run: few orders, numbers that mean nothing.")
@click.option("--full", is_flag=True, help="100,000 orders for the whole command, not 10,000.")
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def main(*, quick: bool, full: bool, form: str) -> None:
    """Measure how fast erpmap is, against code written by hand and against others."""
    if quick and full:
        raise click.UsageError("--quick and --full exclude each other")
    with TemporaryDirectory(prefix="erpmap-benchmarks-") as folder:
        results = measure(QUICK if quick else FULL if full else USUAL, Path(folder))
    if form == "json":
        click.echo(json.dumps(results.document(), indent=2, ensure_ascii=False))
    else:
        print_results(results)


def measure(size: Size, scratch: Path) -> Results:
    """Run everything once; files go to `scratch`."""
    tables = read_tables()
    rivals, skipped = _rivals(tables, scratch)
    batch = corpus(size.batch)
    by_hand = written_by_hand(tables)
    speeds, runs = race([erpmap(), by_hand, *rivals], batch, size.rounds, _tell)
    expected = runs[by_hand.name].outputs
    _tell("compiling, and a long order")
    wholes: list[Whole] = []
    compiled, long = compiling(size.times), long_order(size.times)
    for orders in size.folders:
        wholes += whole(scratch, orders, _tell)
    return Results(
        speeds=speeds,
        verdicts={name: compare(run.outputs, expected) for name, run in runs.items()},
        skipped=skipped,
        batch=size.batch,
        rounds=size.rounds,
        leaves=mean(leaves(json.loads(output)) for output in expected),
        kilobytes=mean(texts.size for texts in batch) / 1000,
        compiling=compiled,
        long_order=long,
        wholes=wholes,
    )


def _rivals(tables: Tables, scratch: Path) -> tuple[list[Contender], dict[str, str]]:
    """Those that can run, and why the others cannot."""
    found, skipped = [], {}
    for name, prepare in RIVALS.items():
        try:
            found.append(prepare(tables, scratch))
        except MissingError as error:
            skipped[name] = str(error)
            _tell(f"SKIPPED {name}: {error}")
    return found, skipped


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    main()
