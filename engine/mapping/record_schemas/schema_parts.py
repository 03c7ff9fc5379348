"""The parts of a schema that describe one place of a body. Pure.

A place has several parts where the schema has alternatives: a reference is an id or a map.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .validator import Schema


def list_root_parts(schema: Schema) -> tuple[Schema, ...]:
    """Return the parts of the whole body."""
    return tuple(_list_alternatives(schema, schema))


def list_member_parts(
    schema: Schema, parts: tuple[Schema, ...], step: str | int
) -> tuple[Schema, ...]:
    """Return the parts of a member of a map, or of an entry of a list; none for a name that is unknown."""
    found: list[Schema] = []
    for part in parts:
        for inner in _list_members(part, step):
            found += _list_alternatives(inner, schema)
    return tuple(found)


def takes_kind(parts: tuple[Schema, ...], kind: str) -> bool:
    """Return whether a place takes a value of a type of JSON Schema, such as `object`."""
    return any(kind in _types(part) or not _types(part) for part in parts)


def _types(part: Schema) -> tuple[str, ...]:
    if "enum" in part and "type" not in part:
        return ("string",)
    types = part.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _list_members(part: Schema, step: str | int) -> Iterator[Any]:
    if isinstance(step, int):
        if takes_kind((part,), "array"):
            yield part.get("items", {})
        return
    if not takes_kind((part,), "object"):
        return
    named = [part["properties"][step]] if step in part.get("properties", {}) else []
    patterns: Mapping[str, Any] = part.get("patternProperties", {})
    named += [inner for pattern, inner in patterns.items() if re.search(pattern, step)]
    yield from named or [part.get("additionalProperties", {})]


def _list_alternatives(part: Any, root: Schema) -> Iterator[Schema]:
    """Yield a part, or what it refers to, or its alternatives; false has none, true is anything."""
    if part is True:
        yield {}
    elif isinstance(part, Mapping):
        if "$ref" in part:
            yield from _list_alternatives(root["$defs"][part["$ref"].rpartition("/")[2]], root)
        elif "anyOf" in part and "properties" not in part:
            for each in part["anyOf"]:
                yield from _list_alternatives(each, root)
        else:
            yield part
