"""What a condition that is a path says of the members that it reads: where it is true, they are there. Pure."""

from __future__ import annotations

from dataclasses import replace

from ...language.paths import Node
from .value_type import ValueType


def narrow(condition: Node, here: ValueType) -> ValueType:
    """Return the type of a value for which a condition is true: what it requires to be there, is there."""
    if condition["type"] == "and_expression":
        for operand in condition["children"]:
            here = narrow(operand, here)
        return here
    names = _list_steps(condition)
    return _with_present(here, names) if names else here


def _list_steps(node: Node) -> tuple[str, ...]:
    """Return the names of `a.b.c`; none for another path."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    steps = [_list_steps(child) for child in node["children"]]
    return tuple(name for step in steps for name in step) if all(steps) else ()


def _with_present(here: ValueType, names: tuple[str, ...]) -> ValueType:
    first, *rest = names
    if first not in here.members:
        return here
    member = here.members[first].optional(is_absent=False)
    member = _with_present(member, tuple(rest)) if rest else member
    return replace(here, members={**here.members, first: member})
