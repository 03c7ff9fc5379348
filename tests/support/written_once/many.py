"""Many random histories, one for each seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

from .histories import BrokenError, play

_LONGEST_TAPE = 200


def random_tape(seed: int) -> list[int]:
    """The tape of a seed."""
    numbers = random.Random(seed)
    return [numbers.randrange(256) for _ in range(_LONGEST_TAPE)]


async def play_seeds(seeds: Iterable[int]) -> tuple[Counter[str], list[str]]:
    """Play one history for each seed: how many ended how, and the promises that were broken."""
    ends: Counter[str] = Counter()
    broken: list[str] = []
    for seed in seeds:
        try:
            story = await play(random_tape(seed))
            ends[f"{story.journal.state} {story.journal.reason or ''}".strip()] += 1
        except BrokenError as error:
            broken.append(f"seed {seed}: {error}")
    return ends, broken
