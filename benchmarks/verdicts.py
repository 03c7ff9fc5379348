"""Whether contenders made the same payloads as the mapping written by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_CENT = Decimal("0.01")
_MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many orders are the same to the byte, how many when amounts are rounded to cents.

    `differences` are the places that differ then, the most frequent first, with their numbers.
    """

    orders: int
    identical: int
    equal: int
    differences: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        """The verdict as a sentence."""
        if self.identical == self.orders:
            return f"all {self.orders:,} identical to the byte"
        equal = f"{self.equal:,} of {self.orders:,} equal at minor units"
        places = ", ".join(f"{place} {count:,}" for place, count in self.differences[:_MOST_SHOWN])
        more = f"; otherwise: {places}" if places else ""
        return f"{self.identical:,} identical to the byte, {equal}{more}"


def compare(outputs: Sequence[bytes], expected: Sequence[bytes]) -> Verdict:
    """The verdict on one contender's payloads."""
    assert len(outputs) == len(expected), "a contender lost orders"
    differences: Counter[str] = Counter()
    identical = equal = 0
    for output, wanted in zip(outputs, expected, strict=True):
        if output == wanted:
            identical += 1
            equal += 1
            continue
        places = set(_differing(_read(output), _read(wanted), ""))
        equal += not places
        differences.update(places)
    return Verdict(len(outputs), identical, equal, tuple(differences.most_common()))


def leaves(value: object) -> int:
    """How many values a document holds that are neither list nor map."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def _read(text: bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def _differing(one: Any, other: Any, place: str) -> Iterator[str]:
    """The places at which two documents differ; order of keys matters not, kinds of values do."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _differing(one.get(key), other.get(key), f"{place}.{key}" if place else key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            yield from _differing(left, right, place)
    elif not _same(one, other):
        yield place


def _same(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        left, right = (Decimal(each).quantize(_CENT, ROUND_HALF_UP) for each in (one, other))
        return left == right
    return type(one) is type(other) and bool(one == other)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
