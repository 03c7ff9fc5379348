"""Matches the lines of an update with those of the record by a column, and sets their `line`. Pure.

Without `line`, NetSuite adds a line instead of changing it (netsuite.md §1.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..mapping.plan.write_rules import CHOICE
from ..run.ledger import StoppedRecord
from .compare import are_equal

_ORDER_LINE = "orderLine"


def match_lines(
    body: Mapping[str, object], match: Mapping[str, object], found: Mapping[str, object]
) -> dict[str, object] | StoppedRecord:
    """Return the body with `line` in each line of the sublists that `match` names a column for.

    Names of sublists are compared in any case, as NetSuite does. The result is a stop
    `line_not_found` when a line matches no line or several, or two match the same one; `refused` for
    lines of another sublist, which would be added each time.
    """
    result = dict(body)
    columns = {sublist.lower(): str(column) for sublist, column in match.items()}
    for sublist, value in body.items():
        changes, column = _read_items(value), columns.get(sublist.lower())
        if column is None:
            if any("line" not in line and line.keys() - CHOICE for line in changes):
                words = (
                    f"lines of {sublist} would be added again: give `match` a column of {sublist}"
                )
                return StoppedRecord("refused", words)
            continue
        stored = _read_items(_get_ignoring_case(found, sublist))
        lines = [_match_line(line, column, stored) for line in changes]
        keys = [line["line"] for line in lines if line is not None]
        if None in lines or len(set(keys)) < len(keys):
            words = f"lines of {sublist} do not match by {column}: each needs a line of the record of its own"
            return StoppedRecord("line_not_found", words)
        result[sublist] = {"items": lines}
    return result


def select_lines(
    body: Mapping[str, object], match: Mapping[str, object], origin: Mapping[str, object]
) -> dict[str, object] | StoppedRecord:
    """Return the body of a transform: its lines with the `orderLine` of the origin's line, all others left out.

    A line that is not named is taken over with its whole quantity, so that it is named with quantity 0
    (netsuite.md §1.2). The result is a stop `line_not_found` as in `match_lines`.
    """
    matched = match_lines(body, match, origin)
    if isinstance(matched, StoppedRecord):
        return matched
    columns = {sublist.lower() for sublist in match}
    for sublist in body:
        if sublist.lower() in columns:
            named = [_as_order_line(line) for line in _read_items(matched[sublist])]
            taken = {line[_ORDER_LINE] for line in named}
            others = [
                {_ORDER_LINE: key, "quantity": 0}
                for line in _read_items(_get_ignoring_case(origin, sublist))
                if (key := _get_ignoring_case(line, "line")) is not None and key not in taken
            ]
            matched[sublist] = {"items": [*named, *others]}
    return matched


def _as_order_line(line: Mapping[str, object]) -> dict[str, object]:
    return {(_ORDER_LINE if name == "line" else name): value for name, value in line.items()}


def _match_line(
    line: Mapping[str, object], column: str, stored: Sequence[Mapping[str, object]]
) -> dict[str, object] | None:
    twins = [
        other
        for other in stored
        if column in line and are_equal(line[column], _get_ignoring_case(other, column))
    ]
    if len(twins) != 1:
        return None
    key = _get_ignoring_case(twins[0], "line")
    return None if key is None else {**line, "line": key}


def _get_ignoring_case(document: Mapping[str, object], name: str) -> object:
    """Return the value of a name in any case."""
    return next((value for key, value in document.items() if key.lower() == name.lower()), None)


def _read_items(sublist: object) -> list[Mapping[str, object]]:
    items = sublist.get("items") if isinstance(sublist, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
