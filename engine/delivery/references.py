"""Ids that were not known while rendering, put where a payload says they belong. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..netsuite import safe_id
from .results import WrittenRecord

_REFERENCE = frozenset(("$record", "field"))


def resolved(value: object, posted: Mapping[str, WrittenRecord]) -> object:
    """The value with each `{"$record": NAME, "field": …}` replaced by what NetSuite has."""
    if isinstance(value, Mapping):
        if value.keys() == _REFERENCE:
            record = posted[str(value["$record"])]
            if value["field"] == "id":
                return record.id
            return None if record.external_id is None else safe_id(record.external_id)
        return {name: resolved(inner, posted) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, posted) for inner in value]
    return value


def resolved_map(value: object, posted: Mapping[str, WrittenRecord]) -> dict[str, object]:
    """The same of a map; an empty one of what is none."""
    result = resolved(value, posted)
    return result if isinstance(result, dict) else {}
