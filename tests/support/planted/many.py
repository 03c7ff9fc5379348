"""Judges many slips, in this process or in several."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .judge import Bench, Verdict
from .slip import Slip

_CHUNK = 10  # slips that a process judges on one bench


def judge_slips(slips: Sequence[Slip], processes: int = 1) -> Iterator[Verdict]:
    """Yield the verdict of each slip, in order."""
    if processes == 1:
        yield from _judge_chunk(slips)
        return
    chunks = [slips[at : at + _CHUNK] for at in range(0, len(slips), _CHUNK)]
    with ProcessPoolExecutor(processes) as pool:
        for verdicts in pool.map(_judge_chunk, chunks):
            yield from verdicts


def _judge_chunk(slips: Sequence[Slip]) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder, "mappings"))
        return [bench.judge(slip) for slip in slips]
