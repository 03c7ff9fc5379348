"""Numbers that are written into the computing of an amount, where a slip of one digit is found by nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ...language.templates.nodes import Constant, Node
from .report import TypeMistake
from .value_type import MONEY, ValueType

# Nothing at all, and the powers of ten by which a rate in per cent becomes a share.
_PLAIN = frozenset(map(Decimal, (-1, 1, 10, 100, 1_000, 10_000)))
_HINT = "name the number in `settings:`, with its meaning in `summary:`"
_EFFECTS = {
    "+": "is added to an amount",
    "-": "is taken from an amount",
    "/": "divides an amount",
    "//": "divides an amount",
    "==": "is compared with an amount",
    "!=": "is compared with an amount",
    "else": "stands in place of an amount",
}

# A side of an operation: its node and its type.
Side = tuple[Node, ValueType]


def find_literal_amount(left: Side, right: Side, operator: str) -> Iterator[TypeMistake]:
    """Yield a warning (W0433) where an amount meets a number that is written out, other than 0.

    Amounts may be divided by powers of ten, for rates in per cent, be multiplied, and be less or more than a
    bound. `operator` may be `else`, for the two branches of a condition.
    """
    effect = _EFFECTS.get(operator)
    for (node, _), (_, other) in ((left, right), (right, left)):
        if effect is None or other.label != MONEY or not isinstance(node, Constant):
            continue
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value == 0:
            continue
        if operator in ("/", "//") and Decimal(value) in _PLAIN:
            continue
        yield TypeMistake(
            code="W0433",
            message=f"{value} {effect}, and is written into the mapping",
            hint=_HINT,
            offset=node.offset,
            length=node.length,
        )
