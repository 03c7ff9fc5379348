"""The alternatives of a path, `a || b` and `not_null(a, b)`: each is used as the other is. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings.quote import is_one_slip, quoted
from ...language.paths import Node, walk_nodes
from .report import TypeMistake
from .value_type import LIST, Knowledge, ValueType

_DEEPEST = 10


def list_alternatives(node: Node) -> Iterator[Node]:
    """Yield the alternatives of an expression that has several, each alone."""
    is_choice = node["type"] == "or_expression" or node.get("value") == "not_null"
    for child in node["children"] if is_choice and node["type"] != "field" else ():
        inner = list(list_alternatives(child))
        yield from inner or (child,)


def find_unequal_keys(node: Node, left: ValueType, right: ValueType) -> Iterator[TypeMistake]:
    """Yield a warning (W0310) for each key `{a: …}` of one alternative that is nearly one of the other."""
    for one, other in _find_pairs(left, right, 0):
        for each in walk_nodes(node):
            if each["type"] == "key_val_pair" and each["value"] == one:
                yield TypeMistake(
                    code="W0310",
                    message=f"{quoted(one)} is a key of one alternative, and {quoted(other)} of the other",
                    hint="write the same keys in both, so that each can be used as the other",
                    offset=each["offset"],
                    length=each["length"],
                )


def _find_pairs(left: ValueType, right: ValueType, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the names of members that only one of two types has, and that are one slip apart, both ways."""
    if depth > _DEEPEST:
        return
    if left.entry is not None and right.entry is not None and left.may_be(LIST):
        yield from _find_pairs(left.entry, right.entry, depth + 1)
    if left.known is not Knowledge.ALL or right.known is not Knowledge.ALL:
        return
    for name in left.members.keys() & right.members.keys():
        yield from _find_pairs(left.members[name], right.members[name], depth + 1)
    for one in left.members.keys() - right.members.keys():
        for other in right.members.keys() - left.members.keys():
            if is_one_slip(one, other):
                yield from ((one, other), (other, one))
