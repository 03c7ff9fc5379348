"""The item lines of a transaction, when some are sent: which are changed, added, left, removed. Pure.

The key of a line is `line`. With it a line is changed, without it one is ADDED (Oracle,
section_161487969808): the same body sent twice doubles the lines, unless `?replace=item` says that
the lines sent are all there are (section_1545297048).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from .account import Item

Line = Mapping[str, Any]
_PRICING = ("quantity", "rate")


def merged(
    there: Iterable[Line], sent: Iterable[Line], *, replace: bool, item_of: Callable[[Line], Item]
) -> tuple[Line, ...]:
    """The lines as given, after `sent` has been written to those that are `there`.

    The amount of a payment item is sent positive and stored negative, as NetSuite does it.
    """
    before = {line["line"]: line for line in there}
    after: dict[int, Line] = {} if replace else dict(before)
    last = max(before, default=0)
    for line in sent:
        key = line.get("line")
        if key is None or key not in before:
            last += 1
            key = last
        after[int(key)] = _changed(before.get(key, {}), line, int(key), item_of)
    return tuple(after.values())


def _changed(before: Line, sent: Line, key: int, item_of: Callable[[Line], Item]) -> Line:
    """A line with what was sent for it; null empties a field."""
    kept = dict(before)
    if any(name in sent for name in _PRICING) and "amount" not in sent:
        kept.pop("amount", None)
    line = {**kept, **sent, "line": key}
    line = {name: value for name, value in line.items() if value is not None}
    amount = sent.get("amount")
    if amount is not None and "item" in line and item_of(line).kind == "Payment":
        line["amount"] = -Decimal(amount)
    return line
