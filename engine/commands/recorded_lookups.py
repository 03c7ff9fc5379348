"""Reads the recorded answers of live lookups that a command uses in place of NetSuite's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..files.beneath import Root
from ..findings.diagnostics import SourceText
from ..findings.errors import ReadError
from ..orders.order import LOOKUPS, read_recorded_tables, read_text
from .exit import exit_with_findings


def read_recorded_lookups(
    root: Path,
    tenant: str,
    lookups: Iterable[tuple[str, Path]],
    form: str,
    *,
    roots: Sequence[Root] = (),
) -> dict[str, SourceText]:
    """Return the recorded answers of live lookups: the tenant's, replaced by those of `lookups`.

    Links of the tenant's lead as far as `roots`; without them they are refused.
    """
    try:
        recorded = read_recorded_tables(root / tenant / "cases" / LOOKUPS, roots)
        return recorded | {name: read_text(path) for name, path in lookups}
    except ReadError as error:
        exit_with_findings(error.findings, form)
