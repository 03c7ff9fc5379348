"""Whether a record that stands in NetSuite is the one that was to be written. Pure.

Compared are what two different transactions would not share: entity, currency, total and number
of lines; and, for confirmation, whatever a mapping names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from ..exact import is_number
from ..run import Payload

_REFERENCES = ("entity", "customer", "currency")
_SUBLIST = "item"


def differences(
    body: Mapping[str, object], payload: Payload, found: Mapping[str, object]
) -> tuple[str, ...]:
    """In what a record that was found differs from the one to be written; no values, only names."""
    lower = {name.lower(): value for name, value in found.items()}
    return tuple(_differing(body, payload, lower))


def unconfirmed(expected: object, found: Mapping[str, object]) -> tuple[str, ...]:
    """The names among `expected` whose values do not stand in the record that was read back."""
    lower = {name.lower(): value for name, value in found.items()}
    wanted = expected if isinstance(expected, Mapping) else {}
    return tuple(
        str(name) for name, value in wanted.items() if not same(value, lower.get(str(name).lower()))
    )


def same(wanted: object, stored: object) -> bool:
    """Whether two values are the same to NetSuite: 5 and 5.00, 7 and {id: "7"}."""
    wanted, stored = _plain(wanted), _plain(stored)
    numbers = _number(wanted), _number(stored)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return wanted == stored


def _differing(
    body: Mapping[str, object], payload: Payload, lower: Mapping[str, object]
) -> Iterator[str]:
    for name in _REFERENCES:
        wanted = body.get(name)
        if _is_by_id(wanted) and name in lower and not same(wanted, lower[name]):
            yield name
    lines = _lines(body.get(_SUBLIST))
    if lines is not None and lines != _lines(lower.get(_SUBLIST)):
        yield "number of lines"
    yield from unconfirmed(payload.details.get("confirm"), lower)


def _is_by_id(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, Mapping) and "id" in value)


def _lines(sublist: object) -> int | None:
    items = sublist.get("items") if isinstance(sublist, Mapping) else None
    return len(items) if isinstance(items, list) else None


def _plain(value: object) -> object:
    return _plain(value["id"]) if isinstance(value, Mapping) and "id" in value else value


def _number(value: object) -> Decimal | None:
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return Decimal(value) if is_number(value) else None  # type: ignore[arg-type]
