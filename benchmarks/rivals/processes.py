"""Rivals in a process of their own: a batch goes in as a file, payloads come out as one.

Start-up is no part of the time: a worker measures itself, behind its own warming up.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..contenders import Batch, Contender, Run
from ..tables import Tables

_PATIENCE = 900


def write_tables(tables: Tables, scratch: Path) -> Path:
    """The tables as a JSON file."""
    path = scratch / "tables.json"
    path.write_text(json.dumps(tables.as_json(), ensure_ascii=False), encoding="utf-8")
    return path


def in_turns(batch: Batch) -> bytes:
    """An event and an order, on lines that take turns."""
    return b"".join(texts.event + b"\n" + texts.order + b"\n" for texts in batch)


def side_by_side(batch: Batch) -> bytes:
    """An event and its order on one line, in one map."""
    lines = (b'{"event":%b,"order":%b}\n' % (texts.event, texts.order) for texts in batch)
    return b"".join(lines)


def start(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> bytes:
    """What a command writes on stdout. Raise CalledProcessError when it fails."""
    done = subprocess.run(  # noqa: S603 # commands of this folder
        list(map(str, command)), capture_output=True, check=True, timeout=_PATIENCE, env=env
    )
    return done.stdout


def worker(
    name: str, note: str, scratch: Path, command: Callable[[Path, Path], Sequence[str | Path]]
) -> Contender:
    """A contender whose worker takes a batch and a file for its payloads, and says its seconds."""
    stem = name.split(maxsplit=1)[0].lower()
    batch_file, outputs_file = scratch / f"{stem}.batch", scratch / f"{stem}.outputs"

    def run(batch: Batch) -> Run:
        batch_file.write_bytes(in_turns(batch))
        said = json.loads(start(command(batch_file, outputs_file)))
        return Run(said["seconds"], tuple(outputs_file.read_bytes().splitlines()))

    return Contender(name, run, note)
