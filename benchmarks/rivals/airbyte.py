"""The interpolation of airbyte-cdk, in an environment of its own; timed within the process."""

from __future__ import annotations

from pathlib import Path

from ..contenders import Contender, MissingError
from ..tables import ROOT, Tables
from .processes import worker, write_tables

PYTHON = ROOT / ".cache" / "airbyte" / "bin" / "python"


def prepare(tables: Tables, scratch: Path) -> Contender:
    """Raise MissingError where its environment is not there."""
    if not PYTHON.exists():
        raise MissingError("the package airbyte-cdk is not in .cache/airbyte")
    given = write_tables(tables, scratch)
    program = [PYTHON, Path(__file__).parent / "airbyte_worker.py", given]
    note = "doubles; texts become numbers; no time zones, no checks, no proof"
    return worker("airbyte-cdk", note, scratch, lambda batch, out: [*program, batch, out])
