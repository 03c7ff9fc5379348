"""Sums up the notes about a shadow by field and rule, with the money. Pure.

The memory needed grows with the fields and rules that differ, not with the orders.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...documents.exact import Number, add, is_number, subtract
from ...findings.errors import ExpressionError
from ...journal.shadows import ShadowCount, ShadowResult, StoredNote

# Fields and findings beyond this number are only counted.
_MAX_KINDS = 1_000
# Results that show no difference of the new version.
WITHOUT_DIFFERENCE = (ShadowResult.SAME, ShadowResult.DROPPED)


@dataclass(slots=True)
class FieldSum:
    """A field that differs: in how many orders, by how much in total, and an example.

    `by` is the shadow's sum less the live one's; None where a value is not a number, or the field does
    not hold money: a sum of ids or quantities has no meaning.
    """

    orders: int = 0
    by: Number | None = 0
    example: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    _last: int | None = None

    def add(self, noted: StoredNote, one: Mapping[str, Any]) -> None:
        """Count one difference; an order may have several in a field, one in each line."""
        values = {name: one[name] for name in ("live", "shadow") if name in one}
        if not self.orders:
            self.example, self.values = noted.order, values
        self.orders += noted.id != self._last
        self._last = noted.id
        self.by = add_difference(self.by, values) if is_money(one["field"]) else None


@dataclass(slots=True)
class DifferenceSum:
    """The sum of a check over the orders in which it differs, on both sides."""

    orders: int = 0
    live: Number = 0
    shadow: Number = 0


@dataclass(slots=True)
class ShadowFailure:
    """A finding of the shadow: in how many orders, and its message in one of them."""

    orders: int
    example: str
    message: str


@dataclass(slots=True)
class ShadowTotals:
    """One version of a mapping beside the live one; moments are milliseconds since 1970.

    `fields` are by record, field, rule and place; `sums` by result, check and currency; `findings` by code and
    place; `reasons` by result. `unlisted` are differences beyond the limits.
    """

    tenant: str
    mapping: str
    version: str
    results: Counter[ShadowResult] = field(default_factory=Counter)
    first_at: int | None = None
    last_at: int | None = None
    live: set[str] = field(default_factory=set)
    reasons: Counter[tuple[ShadowResult, str]] = field(default_factory=Counter)
    fields: dict[tuple[str, str, str, str], FieldSum] = field(default_factory=dict)
    sums: dict[tuple[ShadowResult, str, str], DifferenceSum] = field(default_factory=dict)
    findings: dict[tuple[str, str], ShadowFailure] = field(default_factory=dict)
    unlisted: int = 0

    def only(self, name: str) -> None:
        """Keep only the fields whose names contain this text."""
        self.fields = {
            key: one for key, one in self.fields.items() if name in field_name(key[0], key[1])
        }

    @property
    def is_same(self) -> bool:
        """Whether no event that was compared differs."""
        return set(self.results) <= set(WITHOUT_DIFFERENCE)

    def count(self, result: ShadowCount) -> None:
        """Add the count of one result."""
        self.results[result.result] += result.count
        self.live |= result.live
        if result.result is ShadowResult.SAME and result.reason is not None:
            self.reasons[result.result, result.reason] += result.count
        self.first_at = min(result.first_at, self.first_at or result.first_at)
        self.last_at = max(result.last_at, self.last_at or result.last_at)

    def add(self, one: StoredNote) -> None:
        """Add the differences of one event."""
        if one.reason is not None:
            self.reasons[one.result, one.reason] += 1
        document = one.document or {}
        for each in document.get("differences", ()):
            key = each["record"], each["field"], each["rule"], each["at"] or ""
            if (found := self._at(self.fields, key, FieldSum)) is not None:
                found.add(one, each)
        self.unlisted += document.get("more", 0)
        for each in document.get("sums", ()):
            _add_sums(
                self.sums.setdefault(
                    (one.result, each["check"], each["currency"] or ""), DifferenceSum()
                ),
                each,
            )
        for each in document.get("findings", ()):
            place = f"{each['file']}:{each['line']}" if each["file"] else ""
            wrong = self._at(self.findings, (each["code"], place), lambda: ShadowFailure(0, "", ""))
            if wrong is not None:
                first = (wrong.example or one.order, wrong.message or each["message"])
                wrong.orders, (wrong.example, wrong.message) = wrong.orders + 1, first

    def _at(self, kinds: dict[Any, Any], key: object, make: Callable[[], Any]) -> Any:
        if key not in kinds and len(kinds) >= _MAX_KINDS:
            self.unlisted += 1
            return None
        return kinds.setdefault(key, make())


@dataclass(frozen=True, slots=True)
class ShadowOrder:
    """An event that differs, with the differences that are listed."""

    shadow: ShadowTotals
    noted: StoredNote
    differences: tuple[Mapping[str, Any], ...]


# NetSuite's fields that hold money: `amount`, `rate`, `taxTotal`, `shippingCost`, `custbody_gift_amount`.
_MONEY = re.compile(r"(?:^|\.)(?:rate|payment)$|(?:amount|total|cost|price)$", re.IGNORECASE)


def is_money(name: str) -> bool:
    """Whether the name of a field, such as `body.item.items[].rate`, is one that holds money."""
    return _MONEY.search(name) is not None


def field_name(record: str, name: str) -> str:
    """Return the name of a field with its record, as in `sales_order.body.memo`."""
    return ".".join(part for part in (record, name) if part)


def add_difference(by: Number | None, values: Mapping[str, Any]) -> Number | None:
    """Return the sum with one more difference; None for a value that is not a number, or too large."""
    if by is None or not values or not all(map(is_number, values.values())):
        return None
    try:
        return add(by, subtract(values.get("shadow", 0), values.get("live", 0)))
    except ExpressionError:
        return None


def _add_sums(total: DifferenceSum, sums: Mapping[str, Any]) -> None:
    total.orders += 1
    total.live = add(total.live, sums.get("live", 0))
    total.shadow = add(total.shadow, sums.get("shadow", 0))
