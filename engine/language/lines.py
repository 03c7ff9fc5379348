"""Rendered lines as templates read them, and ids that are not known yet.

Pure data: the renderer builds it, the functions for authors read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Keys of a line: the code and the rate of its tax, those that hold its tax, and all that decide about it.
TAX_CODE = "taxCode"
TAX_RATE = "taxRate1"
TAX_AMOUNTS = ("tax1Amt", "taxAmount", "grossAmt")
TAX_KEYS = frozenset((TAX_CODE, *TAX_AMOUNTS))


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """One entry of the transaction's item sublist.

    `body` is its JSON; `stored_sign` is -1 where the ledger stores the negated
    amount (payment items), else 1; `after` are the lines that follow it directly
    and belong to it, e.g. its discount; `group` is the name of the entry of `lines:`
    or `after:` that rendered it.
    """

    body: dict[str, object]
    stored_sign: int = 1
    after: tuple[RenderedLine, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class LineGroup:
    """The lines rendered by one entry of `lines:`, and the groups inside it by name.

    `lines.item` is a group; `lines.item.discount` the group of its discounts.
    """

    lines: tuple[RenderedLine, ...] = ()
    groups: Mapping[str, LineGroup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """The id (`field`) of a record written earlier, unknown while rendering."""

    record: str
    field: str = "id"
