"""Everybody renders the same orders, in turns, so that a slow moment of the machine hits all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from .contenders import Batch, Contender, Run


@dataclass(frozen=True, slots=True)
class Speed:
    """What all rounds say of one contender.

    `ratios` are, round by round, how many times as fast erpmap was as the contender.
    """

    contender: Contender
    rates: tuple[float, ...]
    ratios: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Orders a second, the median."""
        return median(self.rates)

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)


def race(
    contenders: Sequence[Contender], batch: Batch, rounds: int, tell: Callable[[str], None]
) -> tuple[list[Speed], dict[str, Run]]:
    """The speeds, and each one's last run. The first contender is the one all are compared with.

    A round before the first one warms up and does not count.
    """
    warm = batch[: max(1, len(batch) // 10)]
    for contender in contenders:
        contender.run(warm)
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        shift = number % len(contenders)
        for contender in (*contenders[shift:], *contenders[:shift]):
            tell(f"round {number + 1} of {rounds}: {contender.name}")
            runs[contender.name].append(contender.run(batch))
    ours = runs[contenders[0].name]
    speeds = [
        Speed(
            contender,
            tuple(len(batch) / run.seconds for run in runs[contender.name]),
            tuple(
                its.seconds / own.seconds
                for its, own in zip(runs[contender.name], ours, strict=True)
            ),
        )
        for contender in contenders
    ]
    return speeds, {name: its[-1] for name, its in runs.items()}
