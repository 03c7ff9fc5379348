"""Money: reading and rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .refusal import RefusedError

ZERO = Decimal(0)
PLACES = {"JPY": 0}


def amount(value: object) -> Decimal:
    """Money as NewStore may write it: text, a number, or null for nothing."""
    try:
        return ZERO if value is None else Decimal(str(value))
    except InvalidOperation as error:
        raise RefusedError("finding", f"{value} is no amount") from error


def half_up(number: Decimal, places: int) -> Decimal:
    """Rounded half away from zero."""
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
