"""The groups by which a diff sums up orders, and the sums of money. Data.

A group is merged with that of a later batch of orders: the example of the first order stays.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

from ...documents.exact import Number, add
from ...findings.errors import ExpressionError
from ..output.compare_documents import DocumentDifference
from .compare_order import DiffResult

# Groups of a kind beyond this number are only counted.
MAX_GROUPS = 1_000


@dataclass(frozen=True, slots=True)
class ChangeExample:
    """One order that differs: the rows of its payloads, or the reason; `money` is its largest change.

    `more` counts the differences that are not in `rows`.
    """

    order: str
    mapping: str
    result: DiffResult
    money: Number = 0
    currency: str = ""
    rows: tuple[DocumentDifference, ...] = ()
    more: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldKey:
    """The mapping, the field as `salesOrder.item.items[].rate`, and the cause with its place."""

    mapping: str
    field: str
    cause: str
    at: str | None


@dataclass(frozen=True, slots=True)
class StopKey:
    """The mapping, the result, the code or rule with its place, and the cause with its place."""

    mapping: str
    result: DiffResult
    code: str
    place: str | None
    cause: str
    at: str | None


@dataclass(frozen=True, slots=True)
class MoneyKey:
    """What a sum is of: a check or one of its terms (`part`), or an account as `item 611`."""

    mapping: str
    name: str
    part: str
    currency: str


@dataclass(slots=True)
class FieldGroup:
    """A field that differs for one cause: in how many orders, by how much in each currency, and an example.

    `causes` are the entries that it may be, `pattern` that of --allow which the field matches.
    """

    example: ChangeExample
    first: DocumentDifference
    causes: tuple[str, ...] = ()
    pattern: str | None = None
    orders: int = 0
    by: dict[str, Number] = field(default_factory=dict)

    def merge(self, other: Self) -> None:
        """Add the group of a later batch."""
        self.orders += other.orders
        for currency, number in other.by.items():
            self.by[currency] = add_bounded(self.by.get(currency, 0), number)


@dataclass(slots=True)
class StopGroup:
    """Orders without payloads on one side, or on both for other reasons: how many, and an example."""

    example: ChangeExample
    message: str
    causes: tuple[str, ...] = ()
    orders: int = 0

    def merge(self, other: Self) -> None:
        """Add the group of a later batch."""
        self.orders += other.orders


@dataclass(slots=True)
class MoneySum:
    """A sum on both sides, over a number of orders."""

    orders: int = 0
    before: Number = 0
    now: Number = 0

    def merge(self, other: Self) -> None:
        """Add the sum of a later batch."""
        self.orders += other.orders
        self.before = add_bounded(self.before, other.before)
        self.now = add_bounded(self.now, other.now)


@dataclass(frozen=True, slots=True)
class RefusedOrder:
    """An order that was rendered before and is not now."""

    order: str
    mapping: str
    result: DiffResult
    code: str
    message: str


class _Group(Protocol):
    def merge(self, other: Any) -> None: ...


Key = TypeVar("Key", bound=Hashable)
Group = TypeVar("Group", bound=_Group)


def merge_groups(own: dict[Key, Group], other: dict[Key, Group]) -> int:
    """Merge the groups of a later batch; return how many are left out, beyond the limit."""
    left_out = 0
    for key, group in other.items():
        if key in own:
            own[key].merge(group)
        elif len(own) < MAX_GROUPS:
            own[key] = group
        else:
            left_out += 1
    return left_out


def add_bounded(left: Number, right: Number) -> Number:
    """Return the sum; the left number where the sum has too many digits to be one of money."""
    try:
        return add(left, right)
    except ExpressionError:
        return left
