"""Which values a condition proves to be there. Pure."""

from __future__ import annotations

from ...language.templates.nodes import (
    Attribute,
    Call,
    Comparison,
    Constant,
    Item,
    Logical,
    Name,
    Node,
    Unary,
)

# The written names, such as `order.coupon`, of values that are known to be there.
Presence = frozenset[str]

_NONE: Presence = frozenset()


def written(node: Node) -> str:
    """Return `a.b.c` for a name with constant keys; an empty text for anything else."""
    keys: list[str] = []
    while not isinstance(node, Name):
        if isinstance(node, Attribute):
            keys.append(node.key)
        elif isinstance(node, Item) and isinstance(node.key, Constant):
            keys.append(str(node.key.value))
        else:
            return ""
        node = node.target
    return ".".join((node.name, *reversed(keys)))


def find_presence(condition: Node, *, is_true: bool) -> Presence:
    """Return the names that are there where a condition is true, or where it is false."""
    if isinstance(condition, Unary) and condition.operator == "not":
        return find_presence(condition.operand, is_true=not is_true)
    if isinstance(condition, Logical):
        found = [find_presence(each, is_true=is_true) for each in condition.operands]
        is_each = is_true is (condition.operator == "and")
        return frozenset().union(*found) if is_each else frozenset.intersection(*found)
    if isinstance(condition, Call):
        return _present_by_call(condition, is_true=is_true)
    if isinstance(condition, Comparison):
        return _present_by_comparison(condition, is_true=is_true)
    return _with_parents(written(condition)) if is_true else _NONE


def _present_by_call(call: Call, *, is_true: bool) -> Presence:
    """A test of presence, and a filter whose truth needs its value: `x | trim`."""
    value = call.arguments[0] if call.arguments else None
    if value is None:
        return _NONE
    if call.function.sort == "test":
        proves = is_true if call.function.name != "none" else not is_true
        return _with_parents(written(value)) if proves else _NONE
    if call.function.name == "default":
        otherwise = call.arguments[1]
        is_falsy = isinstance(otherwise, Constant) and not otherwise.value
        return find_presence(value, is_true=True) if is_true and is_falsy else _NONE
    if call.function.sort == "filter":
        return find_presence(value, is_true=True) if is_true else _NONE
    return _NONE


def _present_by_comparison(comparison: Comparison, *, is_true: bool) -> Presence:
    """`x == 5` proves that x is there; so does `x != null`, and any order."""
    if len(comparison.rest) != 1:
        return _NONE
    operator, right = comparison.rest[0]
    sides = (comparison.first, right)
    is_null = any(isinstance(side, Constant) and side.value is None for side in sides)
    names = frozenset[str]().union(*(_with_parents(written(side)) for side in sides))
    if operator in ("==", "!="):
        is_equal = is_true is (operator == "==")
        has_constant = any(isinstance(side, Constant) for side in sides)
        return names if has_constant and is_equal is not is_null else _NONE
    return names


def _with_parents(name: str) -> Presence:
    """Return a name and the names before its dots: where `a.b` is there, `a` is, too."""
    steps = name.split(".") if name else []
    return frozenset(".".join(steps[:count]) for count in range(1, len(steps) + 1))
