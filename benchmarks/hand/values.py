"""Texts, days and amounts as the hand-written mapping needs them. Only the standard library."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

ZERO = Decimal(0)
_NO_CENTS = Decimal("0.00")
_CENT = Decimal("0.01")
# Sums and products are exact or refused; only `cents` and `percent` round.
EXACT = Context(prec=40, rounding=ROUND_HALF_UP, traps=[InvalidOperation, Inexact])
_ROUNDING = Context(prec=40, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_LARGEST = 10**20
_MOST_PLACES = 12

_AMOUNT = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,12})?").fullmatch
_ANY_AMOUNT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?").fullmatch
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
).fullmatch


class RefusedError(Exception):
    """The order gives no payload; the words name what is wrong."""


def nodes(connection: Any) -> list[Any]:
    """The nodes of a connection that is whole; none of null."""
    if connection is None:
        return []
    if connection["pageInfo"]["hasNextPage"] is not False:
        raise RefusedError("a list is cut short")
    found = [edge["node"] for edge in connection["edges"] or ()]
    return found if None not in found else [node for node in found if node is not None]


def needed(node: Json, key: str) -> str:
    """The text under a key. Raise RefusedError when there is none."""
    value = node[key]
    if type(value) is not str:
        raise RefusedError(key)
    return value


def money(value: Any, name: str) -> Decimal | None:
    """An amount, a text or a number, as a Decimal; None for null. Raise RefusedError for others."""
    if type(value) is str:
        if _AMOUNT(value):
            return Decimal(value)
        if not _ANY_AMOUNT(value):
            raise RefusedError(name)
        value = Decimal(value)
    if value is None:
        return None
    if type(value) is not int and type(value) is not Decimal:
        raise RefusedError(name)
    amount = Decimal(value)
    exponent = amount.as_tuple().exponent
    if not (-_LARGEST < amount < _LARGEST and -_MOST_PLACES <= int(exponent) <= _MOST_PLACES):
        raise RefusedError(name)
    return amount


def whole(value: Any, name: str) -> int:
    """A whole number, or a text that says one."""
    if type(value) is int and -_LARGEST < value < _LARGEST:
        return value
    amount = money(value, name)
    if amount is None or amount != int(amount):
        raise RefusedError(name)
    return int(amount)


def flag(value: Any, name: str) -> bool:
    """True, false, or null for false."""
    if value is not None and value is not True and value is not False:
        raise RefusedError(name)
    return bool(value)


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two places; zero has no sign."""
    return _ROUNDING.quantize(amount, _CENT) or _NO_CENTS


def divide(part: Decimal, whole: Decimal) -> Decimal:
    """The quotient to forty digits."""
    return _ROUNDING.divide(part, whole)


def percent(part: Decimal, whole: Decimal, places: int) -> Decimal:
    """What per cent `part` is of `whole`, which is positive; rounded half up once."""
    # Decimal's `//` cuts the exact quotient, so adding a half before it rounds half up.
    rounded = (2 * abs(part).scaleb(places + 2) + whole) // (2 * whole)
    return (rounded if part >= 0 or not rounded else -rounded).scaleb(-places)


def day(moment: Any, zone: ZoneInfo) -> str:
    """The calendar day of an ISO 8601 moment in a zone; a moment without an offset is UTC."""
    match = _MOMENT(moment)
    if match is None:
        raise RefusedError("placedAt")
    year, month, date, hour, minute, second, sign, hours, minutes = match.groups()
    offset: timezone = UTC
    if sign:
        if minutes and int(minutes) > 59:
            raise RefusedError("placedAt")
        distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
        offset = timezone(-distance if sign == "-" else distance)
    when = datetime(
        int(year), int(month), int(date), int(hour), int(minute), int(second), tzinfo=offset
    )
    return when.astimezone(zone).date().isoformat()


def text(node: dict[str, Any], key: str) -> str:
    """The text under a key, empty for null."""
    value = node.get(key)
    if value is None:
        return ""
    if type(value) is not str:
        raise RefusedError(key)
    return value
