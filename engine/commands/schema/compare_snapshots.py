"""Compares two snapshots: the fields that were added and removed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...findings.diagnostics import SourceText
from ...mapping.plan.selection import read_schema

# Definitions may contain each other without end.
_MAX_DEPTH, _MAX_FIELDS = 6, 100_000


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """The fields that only the newer or only the older snapshot has; `count` of the newer's fields.

    `opened` are the fields whose inner fields only the older one describes: these are not `removed`.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    count: int
    opened: tuple[str, ...] = ()


def compare_records(old: Mapping[str, Any], new: Mapping[str, Any]) -> SchemaDifference:
    """Compare two schemas of a record; fields are named `item.quantity`."""
    return _compare_names(*({*islice(_fields(schema), _MAX_FIELDS)} for schema in (old, new)))


def compare_types(old: str, new: str) -> SchemaDifference:
    """Compare two texts of GraphQL types; fields are named `Order.currency`. Raise SpecError."""
    return _compare_names(set(_members(old)), set(_members(new)))


def _compare_names(old: set[str], new: set[str]) -> SchemaDifference:
    described = {_parent(name) for name in new}
    opened = {name for name in map(_parent, old) if name in new and name not in described}
    removed = {name for name in old - new if opened.isdisjoint(_ancestors(name))}
    tops = {name for name in opened if opened.isdisjoint(_ancestors(name))}
    return SchemaDifference(
        added=tuple(sorted(new - old)),
        removed=tuple(sorted(removed)),
        count=len(new),
        opened=tuple(sorted(tops)),
    )


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _ancestors(name: str) -> Iterator[str]:
    while name := _parent(name):
        yield name


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of all fields, including those of lines and inner objects."""
    waiting: list[tuple[str, Any, int]] = [("", schema, 0)]
    while waiting:
        before, node, depth = waiting.pop()
        node = _resolved(schema, node)
        properties = node.get("properties")
        if depth > _MAX_DEPTH or not isinstance(properties, Mapping):
            continue
        if depth and _is_shared(properties):
            continue
        for name, inner in properties.items():
            lines = _resolved(schema, inner).get("items") if name == "items" else None
            path = before if lines is not None else f"{before}{name}."
            if lines is None:
                yield path[:-1]
            waiting.append((path, inner if lines is None else lines, depth + 1))


def _is_shared(properties: Mapping[str, Any]) -> bool:
    """Whether the object is a reference or a choice, whose members are always the same."""
    return properties.keys() <= {"id", "externalId", "refName", "links"}


def _resolved(schema: Mapping[str, Any], node: object) -> Mapping[str, Any]:
    if not isinstance(node, Mapping):
        return {}
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    found = schema.get("$defs", {}).get(reference.rpartition("/")[2])
    return found if isinstance(found, Mapping) else {}


def _members(text: str) -> Iterator[str]:
    """Yield the fields of every type, and the values of every enumeration."""
    for name, kind in read_schema(SourceText("types", text)).type_map.items():
        if not name.startswith("__"):
            members = getattr(kind, "fields", None) or getattr(kind, "values", None) or {}
            yield from (f"{name}.{member}" for member in members)
