"""Queries on a record's JSON Schema: the fields of its parts, and the kind of a field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ...mapping.record_schemas import RecordSchema, load_bare_schema

Node = Mapping[str, Any]
_DEFS = "#/$defs/"


def require_schema(record: str) -> RecordSchema:
    """Return the schema of a type; the type must have one."""
    schema = load_bare_schema(record)
    assert schema is not None
    return schema


def follow_references(root: Node, node: Node) -> Node:
    """Return a part of a schema with its references followed."""
    while "$ref" in node:
        node = root["$defs"][node["$ref"].removeprefix(_DEFS)]
    return node


def find_field_node(record: str, field: str, *, sublist: str | None = None) -> Node | None:
    """Return the schema of a field of the record, or of a sublist's lines; None for an unknown field."""
    root = require_schema(record).schema
    at: Node = root
    if sublist is not None:
        at = find_line_node(record, sublist) or {}
    node = at.get("properties", {}).get(field)
    return None if node is None else follow_references(root, node)


def find_line_node(record: str, sublist: str) -> Node | None:
    """Return the schema of a sublist's lines; None for a field that is not a sublist."""
    root = require_schema(record).schema
    node = follow_references(root, root["properties"].get(sublist, {}))
    items = node.get("properties", {}).get("items")
    return None if items is None else follow_references(root, items.get("items", {}))


def has_field(record: str, field: str) -> bool:
    """Return whether the record has the field."""
    return field in require_schema(record).schema["properties"]


@cache
def list_sublists(record: str) -> frozenset[str]:
    """Return the fields of a record that are sublists."""
    properties = require_schema(record).schema["properties"]
    return frozenset(name for name in properties if find_line_node(record, name) is not None)


def is_reference(node: Node | None) -> bool:
    """Return whether a field refers to another record."""
    return node is not None and node.get("title") == "a reference"


def is_choice(node: Node | None) -> bool:
    """Return whether a field takes a value of a fixed list."""
    return node is not None and node.get("title") == "a choice"
