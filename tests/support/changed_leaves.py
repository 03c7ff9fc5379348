"""Documents of orders with one value changed: every value of a document with its path, and other values for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

Place = tuple[str | int, ...]
# Words that conditions of the shipped mappings compare with, beside those that no mapping knows.
_WORDS = (
    "",
    "zz",
    "cancelled",
    "web",
    "store",
    "billing",
    "shipping",
    "tax_included",
    "IN_STORE_HANDOVER",
    "void",
    "capture",
    "USD",
    "EUR",
    "US",
    "2026-01-02T03:04:05Z",
)


def list_leaves(value: object, place: Place = ()) -> Iterator[tuple[Place, object]]:
    """Every scalar and every empty container in a document, with its place."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    if not inner:
        yield place, value
    for key, each in inner:
        yield from list_leaves(each, (*place, key))


def write_path(place: Place) -> str:
    """A place as paths have it: `order.items.edges[0].node.tax`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return text.removeprefix(".")


def replace_leaf(document: Any, place: Place, value: object) -> Any:
    """A copy of a document with another value at a place."""
    if not place:
        return value
    copied = document.copy()
    copied[place[0]] = replace_leaf(document[place[0]], place[1:], value)
    return copied


def other_values(value: object) -> list[object]:
    """Values to put in place of one: of its kind, and null."""
    if isinstance(value, bool):
        return [not value, None]
    if isinstance(value, int | Decimal):
        return [value + 1, value * 2 + 3, 0, -value, Decimal("0.01"), None]
    if value is None:
        return ["x", 1, True, Decimal("3.10")]
    if not isinstance(value, str):
        return [None]
    with suppress(InvalidOperation):
        number = Decimal(value)
        return [str(number + 1), str(number * 2 + 3), "0", "zz", None]
    return [value + "x", value[:3], None, *_WORDS]
