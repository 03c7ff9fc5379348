"""What each way of writing a record needs, and what it may not have."""

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
    "landed": "an expression over `found` that is true once it is written",
}
# What it is for, where that is not plain.
_WHY = {
    ("ensure", "external_id"): 'as in `external_id: "C-{{ email | lower | digest }}"`; '
    "without it, two requests at once make two records",
}
_ONLY_FOR = {
    "find": "ensure",
    "from": "transform",
    "match": "update",
    "landed": "update",
    "earlier": "create",
}
# What an entry of a list of choices consists of; one that is chosen already stays chosen.
CHOICE = frozenset(("id", "externalId", "refName"))


def check_write_rules(entry: Entry, block: MapNode, write: str, expressions: Expressions) -> None:
    """Complain of what a record lacks or has too much of for the way it is written."""
    for key in _NEEDS.get(write, ()):
        if block.get(key) is None:
            message = f"record {quoted(entry.name)} is written by {write}, which needs `{key}`"
            hint = _WHY.get((write, key), _KEYS.get(key))
            expressions.complain("E0203", message, entry.key.place, hint)
    for key, only in _ONLY_FOR.items():
        if block.get(key) is not None and write != only:
            message = f"`{key}` belongs to `write: {only}`, and {quoted(entry.name)} is written by {write}"
            expressions.complain("E0206", message, entry.key.place, f"delete `{key}`")
    if write == "update":
        _check_lines(block, expressions)


def _check_lines(block: MapNode, expressions: Expressions) -> None:
    """Lines of an update are told apart by `match`: NetSuite would add them each time it is sent."""
    match = {one.name.lower() for one in entries_of(block.get("match"))}
    for sublist in entries_of(block.get("body")):
        lines = sublist.value.get("items") if isinstance(sublist.value, MapNode) else None
        if lines is not None and sublist.name.lower() not in match and not _stay(lines):
            message = (
                f"an update of {quoted(sublist.name)} needs `match`, or it adds its lines each time"
            )
            hint = f"name the column that tells them apart, as in `match: {{{sublist.name}: custcol_line_id}}`"
            expressions.complain("E0203", message, sublist.key.place, hint)


def _stay(lines: Node) -> bool:
    """Whether entries as they are written add nothing twice: choices, and lines with their `line`."""
    entries = lines.items if isinstance(lines, ListNode) else (None,)
    return all(
        isinstance(one, MapNode)
        and (one.get("line") is not None or {each.name for each in entries_of(one)} <= CHOICE)
        for one in entries
    )
