"""Ids that were unknown while rendering, put where a payload refers to them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..run.ledger import WrittenRecord

_REFERENCE = frozenset(("$record", "field"))


def resolve(
    value: object, written: Mapping[str, WrittenRecord], stored_id: Callable[[str], str]
) -> object:
    """Return the value with each `{"$record": NAME, "field": …}` replaced by the record's id.

    `stored_id` gives an external id as the ledger stores it.
    """
    if isinstance(value, Mapping):
        if value.keys() == _REFERENCE:
            record = written[str(value["$record"])]
            if value["field"] == "id":
                return record.id
            return None if record.external_id is None else stored_id(record.external_id)
        return {name: resolve(inner, written, stored_id) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, written, stored_id) for inner in value]
    return value


def resolve_map(
    value: Mapping[str, object],
    written: Mapping[str, WrittenRecord],
    stored_id: Callable[[str], str],
) -> dict[str, object]:
    """Return a map with its references resolved."""
    return {name: resolve(inner, written, stored_id) for name, inner in value.items()}
