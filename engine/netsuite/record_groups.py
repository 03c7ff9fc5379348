"""Groups record types by the space of external ids that they share, which decides how they are looked up.

All transactions share one space, all entities another one (netsuite.md §1.3). Items and custom records are
read by their own type. Pure.
"""

from __future__ import annotations

ENTITIES = frozenset(("contact", "customer", "employee", "lead", "partner", "prospect", "vendor"))
_ITEMS = "item"
_CUSTOM_RECORD = "customrecord"


def is_transaction(record: str) -> bool:
    """Whether a record type is a transaction: neither an entity, nor an item, nor a custom record."""
    kind = record.lower()
    return not (kind in ENTITIES or kind.endswith(_ITEMS) or kind.startswith(_CUSTOM_RECORD))
