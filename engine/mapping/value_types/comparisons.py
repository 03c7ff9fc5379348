"""The comparisons of templates that fail, or that never hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...language.templates.nodes import Comparison, Constant, Node
from .report import TypeMistake, check_words, describe_value, find_related
from .value_type import ANYTHING, DATE, LINES, LIST, MAP, MOMENT, NUMBER, TEXT, ValueType

_ORDERED = frozenset((NUMBER, TEXT, DATE, MOMENT))
_CONTAINERS = frozenset((LIST, MAP, TEXT, LINES))
_SAME = "compare values of one kind: '1' is a text, 1 a number, true a truth value"
_NUMBER = "`| number` makes a number of a text"

# A side of a comparison: its node and its type.
Side = tuple[Node, ValueType]


def check_comparison(
    node: Comparison, operator: str, left: Side, right: Side
) -> Iterator[TypeMistake]:
    """Yield the mistakes of `left operator right`, a part of a comparison.

    E0414 kinds that have no order, or a right side of `in` without entries; E0430 kinds that never are equal;
    W0311 a text that is nearly a known one.
    """
    one, other = left[1], right[1]
    if operator in ("==", "!="):
        yield from _check_equality(node, operator, left, right)
    elif operator in ("in", "not in"):
        yield from _check_membership(node, one, other)
        yield from _check_contained(left[0], other)
    elif _are_known(one, other) and not one.kinds & other.kinds & _ORDERED:
        shown = f"{describe_value(one)} and {describe_value(other)}"
        message = f"`{operator}` compares two numbers, texts or dates, not {shown}"
        hint = _NUMBER if TEXT in one.kinds | other.kinds else None
        yield _mistake("E0414", message, hint, node, one, other)


def _check_equality(
    node: Comparison, operator: str, left: Side, right: Side
) -> Iterator[TypeMistake]:
    one, other = left[1], right[1]
    if not _are_known(one, other):
        return
    if _never_equal(one, other):
        holds = "never" if operator == "==" else "always"
        shown = f"{describe_value(one)} with {describe_value(other)}"
        yield _mistake(
            "E0430", f"this compares {shown}, and {holds} holds", _SAME, node, one, other
        )
    for (side, _), (_, found) in ((left, right), (right, left)):
        if isinstance(side, Constant) and isinstance(side.value, str):
            mistake = check_words((side.value,), found, side.offset, side.length)
            yield from () if mistake is None else (mistake,)


def _check_membership(node: Comparison, left: ValueType, right: ValueType) -> Iterator[TypeMistake]:
    if right.is_known and right.kinds.isdisjoint(_CONTAINERS) and not right.is_null:
        message = f"`in` takes a list, map or text on its right, not {describe_value(right)}"
        yield _mistake("E0414", message, "name a list on its right", node, right)
    elif right.is_only(TEXT) and left.is_known and not left.may_be(TEXT):
        message = f"a text contains only texts, not {describe_value(left)}"
        yield _mistake("E0430", message, "`| string` makes a text", node, left)
    elif right.is_only(LIST) and _never_equal(right.entry or ANYTHING, left):
        message = f"the list has entries of another kind than {describe_value(left)}"
        yield _mistake("E0430", message, "look for a value of the same kind", node, left)


def _check_contained(left: Node, right: ValueType) -> Iterator[TypeMistake]:
    """Check a text that is looked for against the texts that a list has, or of which a text is joined."""
    inside = right.entry if right.is_only(LIST) else right if right.is_only(TEXT) else None
    if inside is not None and isinstance(left, Constant) and isinstance(left.value, str):
        mistake = check_words((left.value,), inside, left.offset, left.length)
        yield from () if mistake is None else (mistake,)


def _never_equal(one: ValueType, other: ValueType) -> bool:
    return _are_known(one, other) and one.kinds.isdisjoint(other.kinds)


def _are_known(one: ValueType, other: ValueType) -> bool:
    return one.is_known and other.is_known and not (one.is_null or other.is_null)


def _mistake(
    code: str, message: str, hint: str | None, node: Comparison, *types: ValueType
) -> TypeMistake:
    return TypeMistake(
        code=code,
        message=message,
        hint=hint,
        offset=node.offset,
        length=node.length,
        related=find_related(*types),
    )
