"""Item groups: a line with an item of the type Group becomes the group, its members, and its end. Pure.

Chosen: the members have their items' own rates, and the tax code, place and columns of the group's line;
the lines of the group and of its end have the group's item and no amount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from ...documents.exact import multiply
from .account import StockItem

Line = Mapping[str, Any]
GROUP, END = "Group", "EndGroup"
# A member has its own of these.
_OWN = frozenset(
    ("item", "itemType", "line", "quantity", "rate", "amount", "description", "tax1Amt")
)


def expand_groups(
    lines: Iterable[Line], items: Mapping[str, StockItem], *, is_new: Callable[[Line], bool]
) -> Iterator[Line]:
    """Yield the lines with groups expanded where they are new.

    A line that says its `itemType`, as lines that were read do, was expanded before.
    """
    for line in lines:
        item = items.get((line.get("item") or {}).get("id", ""))
        if item is None or item.kind != GROUP or "itemType" in line or not is_new(line):
            yield line
        else:
            yield from _expand(line, item, items)


def _expand(line: Line, group: StockItem, items: Mapping[str, StockItem]) -> Iterator[Line]:
    taken_over = {name: value for name, value in line.items() if name not in _OWN}
    yield {**line, "itemType": {"id": GROUP}}
    for member in group.members:
        quantity = multiply(member.quantity, line.get("quantity", 1))
        own: dict[str, Any] = {"item": {"id": member.item}, "quantity": quantity}
        if items[member.item].rate is None:
            own["amount"] = Decimal(0)
        yield {**taken_over, **own}
    yield {**taken_over, "item": line["item"], "itemType": {"id": END}}
