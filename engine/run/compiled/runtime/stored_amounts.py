"""The amounts that the ledger stores for lines: the filters `stored`, `taxed` and `total`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ....documents.exact import ROUNDING, Number
from ....findings.errors import DoubtError
from ....language.functions import OMIT
from ....language.lines import TAX_AMOUNTS, TAX_CODE, TAX_KEYS, TAX_RATE
from .doubts import require_number, require_whole
from .line_groups import KeptLines

quantize = ROUNDING.quantize
_CENT = Decimal("0.01")
_OWN_TAXES = frozenset(TAX_AMOUNTS)


def sum_stored(bodies: Sequence[dict[str, Any]], sign: int, unit: Decimal | None) -> Number:
    """Return the sum of the amounts that the ledger stores for lines: see the filter `stored`."""
    if unit is None:
        raise DoubtError
    total: Number = 0
    for body in bodies:
        total += _stored(body, sign, unit)
    return total


def _stored(body: dict[str, Any], sign: int, unit: Decimal) -> Decimal:
    """Return the stored amount of a line; it may be -0, which no sum keeps."""
    value: Any = body.get("amount")
    if value is None:
        value, quantity = body.get("rate"), body.get("quantity")
        if value.__class__ is not Decimal:
            require_whole(value)
        if quantity is not None:
            if quantity.__class__ is not Decimal:
                require_whole(quantity)
            value = value * quantity
    elif value.__class__ is not Decimal:
        require_whole(value)
    return quantize(value if sign == 1 else value * sign, unit)


def sum_taxes(
    lines: KeptLines, rate: str, unit: Decimal | None, codes: dict[str, Any] | None
) -> Number:
    """Return the tax on lines and their `after` lines, at the rate of each line's code or column.

    See the filter `taxed`.
    """
    if unit is None:
        raise DoubtError
    total: Number = 0
    for index, body in enumerate(lines.bodies):
        if not _OWN_TAXES.isdisjoint(body):
            raise DoubtError
        own = _stored(body, lines.sign, unit)
        for after_group in lines.after_groups:
            for after in after_group.each[index]:
                if not TAX_KEYS.isdisjoint(after):
                    raise DoubtError
                own += _stored(after, after_group.sign, unit)
        code = body.get(TAX_CODE)
        per_cent: Any = None if codes is None or code is None else codes.get(_read_code(code))
        if per_cent is None:
            per_cent = body[rate]
        if per_cent.__class__ is not Decimal:
            require_whole(per_cent)
        if (code is None and per_cent) or body.get(TAX_RATE, per_cent) != per_cent:
            raise DoubtError
        total += quantize(own * per_cent * _CENT, unit)
    return total


def _read_code(code: Any) -> str:
    """Return the id of a line's tax code."""
    found: Any = code["id"]
    return str(found if found.__class__ is str else require_whole(found))


def sum_lines(bodies: Sequence[dict[str, Any]], key: str) -> Number:
    """Return the sum of a key of the lines."""
    total: Number = 0
    for body in bodies:
        total += require_number(body[key])
    return total if total.__class__ is Decimal else require_whole(total)


def has_places(value: Any, unit: Decimal) -> bool:
    """Return whether a value is omitted or a number with at most the decimal places of a currency."""
    if value.__class__ is Decimal:
        return quantize(value, unit) == value
    return value is OMIT or value.__class__ is int
