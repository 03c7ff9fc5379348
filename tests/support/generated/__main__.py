"""Try generated orders by hand: `python -m tests.support.generated --good 20000 --damaged 50`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from .damages import DAMAGES
from .sweep import Tally, damage_order, sweep_damaged, sweep_good, try_good, write_order
from .trial import ENDS, RIGHT


@click.command()
@click.option("--good", default=0, help="Good orders to try.")
@click.option("--damaged", default=0, help="Orders of each kind of damage to try.")
@click.option("--kind", default="", help="Only kinds of damage whose name has this text.")
@click.option("--all", "is_all", is_flag=True, help="List the kinds that end well, too.")
@click.option("--processes", default=os.cpu_count() or 1)
@click.option("--show", help="Write one order as a case: 'good 17', 'price null 3'.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("order"))
def main(**options: object) -> None:
    """Print how generated orders end; exit 1 when one is rendered wrongly, or a good one is not right."""
    if options["show"]:
        sys.exit(show_order(str(options["show"]), Path(str(options["folder"]))))
    good, damaged, processes = (int(str(options[key])) for key in ("good", "damaged", "processes"))
    failed = report_good(good, processes) if good else 0
    if damaged:
        kinds = [kind for kind in DAMAGES if str(options["kind"]) in kind]
        failed += report_damaged(kinds, damaged, processes, is_all=bool(options["is_all"]))
    sys.exit(1 if failed else 0)


def report_good(count: int, processes: int) -> int:
    """Print how good orders end. Return how many were not right."""
    start = time.monotonic()
    tally = sweep_good(count, processes)
    click.echo(f"{count} good orders in {time.monotonic() - start:.0f} s: {_ends(tally)}")
    _report_topics(tally, frozenset((RIGHT,)))
    return count - tally.ends[RIGHT]


def report_damaged(kinds: list[str], count: int, processes: int, *, is_all: bool) -> int:
    """Print how damaged orders end. Return how many were wrong or unsafe."""
    start = time.monotonic()
    failed = bad_kinds = tried = 0
    for kind, tally in sweep_damaged(kinds, count, processes):
        found, allowed = sum(tally.ends.values()), DAMAGES[kind].ends
        other = any(end not in allowed for end in tally.ends)
        failed += tally.failed
        tried += found
        bad_kinds += tally.failed > 0
        if is_all or other or found < count:
            mark = "WRONG" if tally.failed else "other" if other else "ok"
            few = "" if found == count else f" (only {found})"
            click.echo(f"{mark:6}{kind}{few}: {_ends(tally)} [{', '.join(sorted(allowed))}]")
            _report_topics(tally, allowed)
    spent = time.monotonic() - start
    click.echo(
        f"{len(kinds)} kinds, {tried} damaged orders in {spent:.0f} s:"
        f" {failed} wrong or unsafe in {bad_kinds} kinds"
    )
    return failed


def _report_topics(tally: Tally, allowed: frozenset[str]) -> None:
    for topic, number in tally.topics.most_common():
        if topic[0] not in allowed:
            click.echo(f"  {number:6} {topic[0]}: {'; '.join(tally.examples[topic])[:200]}")


def _ends(tally: Tally) -> str:
    return ", ".join(f"{tally.ends[end]} {end}" for end in ENDS if tally.ends[end])


def show_order(name: str, folder: Path) -> int:
    """Write the files of one order into a folder."""
    kind, _, number = name.rpartition(" ")
    case = None if kind == "good" else damage_order(kind, int(number))
    if kind != "good" and case is None:
        raise click.ClickException(f"no order can be damaged that way: {kind}")
    documents = case.documents if case else try_good(int(number))[1]
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in write_order(documents).items():
        (folder / file).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    main()
