"""What NetSuite will hold for lines, by their bodies: the filters `stored`, `taxed` and `total`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ....documents.exact import ROUNDING, Number
from ....findings.errors import DoubtError
from .doubts import number, whole
from .line_groups import Kept

quantize = ROUNDING.quantize
_CENT = Decimal("0.01")


def stored(bodies: Sequence[dict[str, Any]], sign: int, unit: Decimal | None) -> Number:
    """What NetSuite will hold for lines, by their bodies: see the filter `stored`."""
    if unit is None:
        raise DoubtError
    total: Number = 0
    for body in bodies:
        total += _stored(body, sign, unit)
    return total


def _stored(body: dict[str, Any], sign: int, unit: Decimal) -> Decimal:
    """The amount of a line; it may be -0, to which no sum minds."""
    value: Any = body.get("amount")
    if value is None:
        value, quantity = body.get("rate"), body.get("quantity")
        if value.__class__ is not Decimal:
            whole(value)
        if quantity is not None:
            if quantity.__class__ is not Decimal:
                whole(quantity)
            value = value * quantity
    elif value.__class__ is not Decimal:
        whole(value)
    return quantize(value if sign == 1 else value * sign, unit)


def taxed(lines: Kept, rate: str, unit: Decimal | None) -> Number:
    """The tax on lines and those behind them, at the per cent each has: see the filter `taxed`."""
    if unit is None:
        raise DoubtError
    total: Number = 0
    for index, body in enumerate(lines.bodies):
        own = _stored(body, lines.sign, unit)
        for behind in lines.behind:
            for other in behind.each[index]:
                own += _stored(other, behind.sign, unit)
        per_cent = body[rate]
        if per_cent.__class__ is not Decimal:
            whole(per_cent)
        total += quantize(own * per_cent * _CENT, unit)
    return total


def total_of_lines(bodies: Sequence[dict[str, Any]], key: str) -> Number:
    """The sum of a key of the lines."""
    total: Number = 0
    for body in bodies:
        total += number(body[key])
    return total if total.__class__ is Decimal else whole(total)
