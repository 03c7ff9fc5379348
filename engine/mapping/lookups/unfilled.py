"""The mark in a cell of a table that a person still has to fill in, as `erpmap forecast --stubs` writes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .table import Table

# The mark in a cell until a person fills it in. In capitals in the code it would be a note about the code.
UNFILLED: Final = "todo".upper()


def is_unfilled(value: object) -> bool:
    """Return whether the value of a row, or anything in it, still has the mark UNFILLED."""
    if isinstance(value, Mapping):
        return any(map(is_unfilled, value.values()))
    if isinstance(value, list | tuple):
        return any(map(is_unfilled, value))
    return value == UNFILLED


def has_unfilled_rows(table: Table) -> bool:
    """Return whether any row of a table, or its default, still has the mark UNFILLED."""
    return is_unfilled(table.options.default) or any(is_unfilled(row.value) for row in table.rows)
