"""The keys that each way of writing a record requires, and the keys that it excludes."""

from __future__ import annotations

from ...findings.quote import quoted
from ..files.nodes import Entry, ListNode, MapNode, Node, entries_of
from ..systems import ENSURE
from .expressions import Expressions

FROM = 'as in `from: {record: salesOrder, external_id: "SO-{{ external_id }}"}`'
_NEEDS = {
    "create": ("external_id",),
    ENSURE: ("find", "external_id"),
    "update": ("external_id", "landed"),
    "upsert": ("external_id",),
    "transform": ("from", "external_id"),
}
_KEYS = {
    "external_id": 'as in `external_id: "SO-{{ external_id }}"`',
    "find": 'as in `find: "SELECT id FROM customer WHERE LOWER(email) = {email}"`',
    "from": FROM,
    "landed": "an expression over `found` that is true once the record is updated",
}
# The reason for a required key, where it is not obvious.
_WHY = {
    (ENSURE, "external_id"): 'as in `external_id: "C-{{ email | lower | digest }}"`; '
    "without it, two concurrent requests create two records",
}
_ONLY_FOR = {
    "find": (ENSURE,),
    "from": ("transform",),
    "match": ("update", "transform"),
    "landed": ("update",),
    "earlier": ("create",),
}
# The key that holds the number of a line, and what happens to lines that have none.
_LINE_KEYS = {
    "update": ("line", "an update", "each attempt adds its lines again"),
    "transform": (
        "orderLine",
        "a transform",
        "its lines name no line of the record it starts from",
    ),
}
# The sublist of which a transform takes over the lines (netsuite.md §1.2).
_TAKEN_OVER = "item"
# The keys of a choice in a list of choices; sending a choice again does not add it twice.
CHOICE = frozenset(("id", "externalId", "refName"))


def check_write_rules(entry: Entry, block: MapNode, write: str, expressions: Expressions) -> None:
    """Report keys that a record lacks, or must not have, for the way it is written."""
    for key in _NEEDS.get(write, ()):
        if block.get(key) is None:
            message = f"record {quoted(entry.name)} has `write: {write}`, which requires `{key}`"
            hint = _WHY.get((write, key), _KEYS.get(key))
            expressions.report("E0203", message, entry.key.place, hint)
    for key, only in _ONLY_FOR.items():
        if block.get(key) is not None and write not in only:
            ways = " or ".join(f"`write: {way}`" for way in only)
            message = f"`{key}` belongs to {ways}, but {quoted(entry.name)} has `write: {write}`"
            expressions.report("E0206", message, entry.key.place, f"delete `{key}`")
    if write in _LINE_KEYS:
        _check_lines(block, write, expressions)


def _check_lines(block: MapNode, write: str, expressions: Expressions) -> None:
    """Report lines of an update or a transform without `match`: they name no line of the record.

    An update would add them at each attempt; a transform takes over all lines that it does not name.
    """
    match = {column.name.lower() for column in entries_of(block.get("match"))}
    for sublist in entries_of(block.get("body")):
        lines = sublist.value.get("items") if isinstance(sublist.value, MapNode) else None
        key, what, otherwise = _LINE_KEYS[write]
        if write == "transform" and sublist.name.lower() != _TAKEN_OVER:
            continue
        if lines is not None and sublist.name.lower() not in match and not _names_lines(lines, key):
            message = f"{what} of {quoted(sublist.name)} needs `match`, or {otherwise}"
            hint = f"name the column that identifies a line, as in `match: {{{sublist.name}: custcol_line_id}}`"
            expressions.report("E0203", message, sublist.key.place, hint)


def _names_lines(lines: Node, number: str) -> bool:
    """Return whether the entries name lines of the record by their number, or are choices."""
    entries = lines.items if isinstance(lines, ListNode) else (None,)
    return all(
        isinstance(line, MapNode)
        and (line.get(number) is not None or {key.name for key in entries_of(line)} <= CHOICE)
        for line in entries
    )
