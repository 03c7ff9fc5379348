"""JSONata on node: the expression is compiled once, and timed within the process."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..contenders import Contender, MissingError
from ..tables import ROOT, Tables
from .processes import worker, write_tables

PACKAGE = ROOT / ".cache" / "jsonata" / "node_modules" / "jsonata"
_HERE = Path(__file__).parent


def prepare(tables: Tables, scratch: Path) -> Contender:
    """Raise MissingError where node or its package is not there."""
    node = shutil.which("node")
    if node is None:
        raise MissingError("the command node is not installed")
    if not PACKAGE.is_dir():
        raise MissingError("the npm package jsonata is not in .cache/jsonata")
    given = write_tables(tables, scratch)
    program: list[str | Path] = [
        node,
        _HERE / "jsonata.mjs",
        PACKAGE,
        _HERE / "order.jsonata",
        given,
    ]
    note = "doubles; no checks, no proof"
    return worker("JSONata on node", note, scratch, lambda batch, out: [*program, batch, out])
