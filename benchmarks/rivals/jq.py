"""jq: one process reads a whole batch; the time of an empty one is taken off."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from time import perf_counter

from ..contenders import Batch, Contender, MissingError, Run
from ..tables import Tables
from .processes import side_by_side, start, write_tables

# A smaller batch is read several times over: its own time would be lost in that of the start.
_ENOUGH = 1_000
_PROGRAM = Path(__file__).parent / "order.jq"


def prepare(tables: Tables, scratch: Path) -> Contender:
    """Raise MissingError where there is no jq."""
    command = shutil.which("jq")
    if command is None:
        raise MissingError("the command jq is not installed")
    given = write_tables(tables, scratch).read_text(encoding="utf-8")
    whole: list[str | Path] = [command, "-c", "--argjson", "tables", given, "-f", _PROGRAM]
    batch_file = scratch / "jq.batch"
    zone = {**os.environ, "TZ": "America/New_York"}

    def measure(content: bytes) -> tuple[float, bytes]:
        batch_file.write_bytes(content)
        begin = perf_counter()
        outputs = start([*whole, batch_file], zone)
        return perf_counter() - begin, outputs

    def run(batch: Batch) -> Run:
        times = -(-_ENOUGH // len(batch))
        alone, _ = measure(b"")
        together, outputs = measure(side_by_side(batch) * times)
        return Run((together - alone) / times, tuple(outputs.splitlines()[: len(batch)]))

    return Contender(_name(command), run, "doubles; no digest, no checks, no proof")


def _name(command: str) -> str:
    return start([command, "--version"]).decode().strip().replace("-", " ")
