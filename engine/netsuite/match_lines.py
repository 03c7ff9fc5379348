"""Lines of an update, told by a column of theirs, given the `line` NetSuite knows them by. Pure.

Without `line`, NetSuite adds a line where one was to be changed (netsuite.md §1.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..mapping.plan.write_rules import CHOICE
from ..run.ledger import StoppedRecord
from .compare import are_equal


def match_lines(
    body: Mapping[str, object], match: Mapping[str, object], found: Mapping[str, object]
) -> dict[str, object] | StoppedRecord:
    """The body with `line` in each line of the sublists that `match` names a column for.

    Sublists are the same whatever the case of their names, as they are to NetSuite.

    Stopped (`line_not_found`) when a line is not found, two could be meant, or two mean the same one;
    `refused` for lines of another sublist that would be added each time.
    """
    result = dict(body)
    columns = {sublist.lower(): str(column) for sublist, column in match.items()}
    for sublist, value in body.items():
        ours, column = _read_items(value), columns.get(sublist.lower())
        if column is None:
            if any("line" not in line and line.keys() - CHOICE for line in ours):
                words = f"lines of {sublist} would be added: `match` tells none of them"
                return StoppedRecord("refused", words)
            continue
        stored = _read_items(_get_ignoring_case(found, sublist))
        lines = [_match_line(line, column, stored) for line in ours]
        keys = [line["line"] for line in lines if line is not None]
        if None in lines or len(set(keys)) < len(keys):
            words = f"a line of {sublist} is told by {column}, and there is not exactly one such"
            return StoppedRecord("line_not_found", words)
        result[sublist] = {"items": lines}
    return result


def _match_line(
    line: Mapping[str, object], column: str, stored: Sequence[Mapping[str, object]]
) -> dict[str, object] | None:
    twins = [
        one
        for one in stored
        if column in line and are_equal(line[column], _get_ignoring_case(one, column))
    ]
    if len(twins) != 1:
        return None
    key = _get_ignoring_case(twins[0], "line")
    return None if key is None else {**line, "line": key}


def _get_ignoring_case(document: Mapping[str, object], name: str) -> object:
    """What has a name, whatever the case NetSuite writes it in."""
    return next((value for key, value in document.items() if key.lower() == name.lower()), None)


def _read_items(sublist: object) -> list[Mapping[str, object]]:
    items = sublist.get("items") if isinstance(sublist, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
