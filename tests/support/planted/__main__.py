"""Plant slips by hand: `python -m tests.support.planted --seed 1 --count 300`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import click

from . import KINDS, Found, Share, Verdict, count_shares, draw_slip, judge_slips

SHOWN: Mapping[str, Callable[[Verdict], bool]] = {
    "missed": lambda verdict: verdict.is_missed,
    "not-found": lambda verdict: verdict.is_missed and verdict.found is Found.NOT,
    "elsewhere": lambda verdict: verdict.is_missed and verdict.found is Found.ELSEWHERE,
    "harmless": lambda verdict: verdict.failure is None,
    "all": lambda verdict: True,
    "none": lambda verdict: False,
}


@click.command()
@click.option("--seed", default=1, show_default=True)
@click.option("--count", default=300, show_default=True)
@click.option("--first", default=0, help="The index of the first slip.")
@click.option("--kind", default="", help="Only kinds whose name has this text.")
@click.option("--show", type=click.Choice(list(SHOWN)), default="missed", show_default=True)
@click.option("--processes", default=2, show_default=True)
def main(seed: int, count: int, first: int, kind: str, show: str, processes: int) -> None:
    """Print what finds the planted slips, by kind, and list those that validation misses."""
    kinds = [name for name in KINDS if kind in name]
    if not kinds:
        raise click.UsageError(f"no kind has {kind!r} in its name; there are: {', '.join(KINDS)}")
    start = time.monotonic()
    slips = [draw_slip(seed, index, kinds) for index in range(first, first + count)]
    verdicts = list(judge_slips(slips, processes))
    _print_table(kinds, verdicts)
    click.echo(f"{len(slips)} slips in {time.monotonic() - start:.0f} s")
    _print_shown([verdict for verdict in verdicts if SHOWN[show](verdict)])


def _print_table(kinds: Sequence[str], verdicts: Sequence[Verdict]) -> None:
    click.echo(f"{'':26}{'planted':>9}{'failing':>9}{'at line':>9}{'elsewhere':>11}{'missed':>8}")
    for kind in kinds:
        _print_row(kind, count_shares(one for one in verdicts if one.slip.kind == kind))
    _print_row("all", count_shares(verdicts))
    _print_row("without arithmetic", count_shares(verdicts, with_arithmetic=False))


def _print_row(name: str, share: Share) -> None:
    numbers = (
        f"{share.planted:9}{share.failing:9}{share.at_line:9}{share.elsewhere:11}{share.missed:8}"
    )
    rate = f"{share.per_cent:8.1f} %" if share.failing else ""
    click.echo(f"{name:26}{numbers}{rate}")


def _print_shown(verdicts: Sequence[Verdict]) -> None:
    for verdict in sorted(verdicts, key=lambda one: (one.slip.kind, one.slip.file, one.slip.line)):
        click.echo(f"  {verdict}")


if __name__ == "__main__":
    main()
