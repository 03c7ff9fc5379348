"""User-event scripts of an account: they change a new record before it is stored. Pure.

Which scripts an account has nobody outside knows; these are of the kinds that public reports name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from ...documents.exact import divide, multiply, round_half_up, subtract
from .account import Account, UserScript
from .kinds import RecordKind

Line = Mapping[str, Any]


def change_fields(account: Account, kind: RecordKind, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a new record with its date moved."""
    days = sum(script.move_days for script in _list_scripts(account, kind))
    if not days or "tranDate" not in fields:
        return fields
    try:
        moved = date.fromisoformat(fields["tranDate"]) + timedelta(days=days)
    except (ValueError, OverflowError):
        return fields  # the check of the date refuses it
    return fields | {"tranDate": moved.isoformat()}


def change_lines(account: Account, kind: RecordKind, given: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines of a new record with rates rounded and lines added."""
    for script in _list_scripts(account, kind):
        places = script.rate_places
        if places is not None:
            given = tuple(_round_rate(line, places) for line in given)
        if script.line is not None:
            given = _add_line(given, script.line)
    return given


def add_rounding_lines(
    account: Account, kind: RecordKind, given: tuple[Line, ...], total: Any
) -> tuple[Line, ...]:
    """Return the lines with those that round the total, as computed without them, to a multiple."""
    for script in _list_scripts(account, kind):
        step = script.round_total_to
        if step is None:
            continue
        rounded = multiply(round_half_up(divide(total, step), 0), step)
        difference = subtract(rounded, total)
        if difference:
            line = {"item": {"id": script.rounding_item}, "quantity": 1, "amount": difference}
            given, total = _add_line(given, line), rounded
    return given


def _list_scripts(account: Account, kind: RecordKind) -> Iterator[UserScript]:
    return (script for script in account.scripts if kind.record in script.records)


def _round_rate(line: Line, places: int) -> Line:
    return {**line, "rate": round_half_up(line["rate"], places)} if "rate" in line else line


def _add_line(given: tuple[Line, ...], line: Line) -> tuple[Line, ...]:
    last = max((int(each["line"]) for each in given), default=0)
    return (*given, {**line, "line": last + 1})
