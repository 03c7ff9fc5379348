"""The keys that each way of writing a record requires, and the keys that it excludes."""

from __future__ import annotations

from ...findings.quote import quoted
from ..files.nodes import Entry, ListNode, MapNode, Node, entries_of
from .expressions import Expressions

FROM = 'as in `from: {record: salesOrder, external_id: "SO-{{ external_id }}"}`'
_NEEDS = {
    "create": ("external_id",),
    "ensure": ("find", "external_id"),
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
    ("ensure", "external_id"): 'as in `external_id: "C-{{ email | lower | digest }}"`; '
    "without it, two concurrent requests create two records",
}
_ONLY_FOR = {
    "find": "ensure",
    "from": "transform",
    "match": "update",
    "landed": "update",
    "earlier": "create",
}
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
        if block.get(key) is not None and write != only:
            message = (
                f"`{key}` belongs to `write: {only}`, but {quoted(entry.name)} has `write: {write}`"
            )
            expressions.report("E0206", message, entry.key.place, f"delete `{key}`")
    if write == "update":
        _check_lines(block, expressions)


def _check_lines(block: MapNode, expressions: Expressions) -> None:
    """Report lines of an update without `match`: NetSuite would add them at each attempt."""
    match = {column.name.lower() for column in entries_of(block.get("match"))}
    for sublist in entries_of(block.get("body")):
        lines = sublist.value.get("items") if isinstance(sublist.value, MapNode) else None
        if lines is not None and sublist.name.lower() not in match and not _adds_nothing(lines):
            message = f"an update of {quoted(sublist.name)} needs `match`, or each attempt adds its lines again"
            hint = f"name the column that identifies a line, as in `match: {{{sublist.name}: custcol_line_id}}`"
            expressions.report("E0203", message, sublist.key.place, hint)


def _adds_nothing(lines: Node) -> bool:
    """Return whether sending the entries again adds nothing: choices, and lines with their `line`."""
    entries = lines.items if isinstance(lines, ListNode) else (None,)
    return all(
        isinstance(line, MapNode)
        and (line.get("line") is not None or {key.name for key in entries_of(line)} <= CHOICE)
        for line in entries
    )
