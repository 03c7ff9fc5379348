"""Compares a record in NetSuite with the one to be written. Pure.

Compared are the values that two different transactions would not share: entity and currency, the
lines with their items, quantities and amounts, and for a transform its origin. Values that accountants
edit (memo, address, date) are not compared. The values of a mapping's `confirm` are compared apart:
NetSuite's own sums may differ even when it stored everything as it was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..documents.exact import to_decimal
from .periods import DAY, find_move

_REFERENCES = ("entity", "customer", "currency", "subsidiary")
_SUBLIST = "item"
_DATED = DAY.lower()
# NetSuite negates payments, and a discount has the sign of its item.
_UNSIGNED = ("quantity", "rate", "amount")


def find_differences(
    body: Mapping[str, object], found: Mapping[str, object], *, origin: str | None = None
) -> tuple[str, ...]:
    """Return the names of the values in which a record differs from the one to be written.

    `origin` is the id of the record it was transformed from: then the body names only some lines, those
    of the origin, and lines are not compared.
    """
    lower = _lower_names(found)
    names = [*_find_reference_differences(body, lower)]
    if origin is not None:
        created_from = lower.get("createdfrom")
        return (*names, *(["createdFrom"] if not are_equal(origin, created_from) else []))
    return (
        *names,
        *_find_line_differences(_read_items(body.get(_SUBLIST)), _read_items(lower.get(_SUBLIST))),
    )


def find_unconfirmed(
    expected: object, found: Mapping[str, object], *, may_move: bool = False
) -> tuple[str, ...]:
    """Return the names of `expected` whose values differ in the record that was read back.

    With `may_move`, a later tranDate than the expected one is accepted: its period was closed.
    """
    lower = _lower_names(found)
    values = expected if isinstance(expected, Mapping) else {}
    if may_move and find_move(values, found) is not None:
        values = {name: value for name, value in values.items() if str(name).lower() != _DATED}
    return tuple(
        str(name)
        for name, value in values.items()
        if not are_equal(value, lower.get(str(name).lower()))
    )


def are_equal(expected: object, stored: object) -> bool:
    """Whether two values are equal in NetSuite: 5 and 5.00, 7 and {id: "7"}."""
    expected, stored = _unwrap_id(expected), _unwrap_id(stored)
    numbers = to_decimal(expected), to_decimal(stored)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return expected == stored


def _find_reference_differences(
    body: Mapping[str, object], lower: Mapping[str, object]
) -> Iterator[str]:
    for name in _REFERENCES:
        expected = body.get(name)
        if _is_by_id(expected) and name in lower and not are_equal(expected, lower[name]):
            yield name


def _find_line_differences(
    lines: Sequence[Mapping[str, object]] | None, stored: Sequence[Mapping[str, object]] | None
) -> Iterator[str]:
    if lines is None:
        return
    if stored is None or len(lines) != len(stored):
        yield "number of lines"
        return
    pairs = [(line, _lower_names(other)) for line, other in zip(lines, stored, strict=True)]
    if any(
        _is_by_id(line.get("item")) and not are_equal(line["item"], other.get("item"))
        for line, other in pairs
    ):
        yield "items of lines"
    for name in _UNSIGNED:
        if any(not _are_equal_unsigned(line.get(name), other.get(name)) for line, other in pairs):
            yield f"{name} of a line"


def _are_equal_unsigned(expected: object, stored: object) -> bool:
    """Whether two numbers are equal except for their sign; a missing number is not compared."""
    sizes = to_decimal(expected), to_decimal(stored)
    return sizes[0] is None or sizes[1] is None or abs(sizes[0]) == abs(sizes[1])


def _is_by_id(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, Mapping) and "id" in value)


def _lower_names(record: Mapping[str, object]) -> dict[str, object]:
    return {name.lower(): value for name, value in record.items()}


def _read_items(sublist: object) -> list[Mapping[str, object]] | None:
    items = sublist.get("items") if isinstance(sublist, Mapping) else None
    if not isinstance(items, list):
        return None
    return [item if isinstance(item, Mapping) else {} for item in items]


def _unwrap_id(value: object) -> object:
    return _unwrap_id(value["id"]) if isinstance(value, Mapping) and "id" in value else value
