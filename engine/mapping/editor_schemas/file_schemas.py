"""The JSON Schema of each kind of our files, for editors: of a file as it is written.

The grammar describes a mapping after merging. A file may be an overlay: no inner key is required, every
map may remove and place entries, and `body` has the keys of its record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..files.grammar import (
    NAME,
    Schema,
    mapping_schema,
    operator_schema,
    refusals_schema,
    tenant_schema,
)
from ..files.nodes import Verb
from ..record_schemas import list_record_types
from .payload_keys import LINE, body_definition, list_body_definitions

_DEFS = "#/$defs/"
_MAX_LINE = 110
_PLACEMENT_NAME = rf"^(?:\$(?:{'|'.join(Verb)})|{NAME.strip('^$')})$"
_NEIGHBOURS = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}
# By key: the description, an example, and the form of the value.
_PLACEMENTS: dict[str, Schema] = {
    "$remove": {
        "description": "keys of this map that are deleted from what the file extends",
        "examples": [["shipping_discount"]],
        "type": ["array", "string"],
        "items": {"type": ["string", "number", "boolean"]},
    },
    "$before": {
        "description": "keys of this map, each with the one that it is placed in front of",
        "examples": [{"gift_wrap": "payment"}],
        **_NEIGHBOURS,
    },
    "$after": {
        "description": "keys of this map, each with the one that it is placed behind",
        "examples": [{"discount_tax": "tax"}],
        **_NEIGHBOURS,
    },
}


def mapping_file_schema() -> Schema:
    """Return the schema of a mapping's file, base or overlay."""
    schema = _as_written(mapping_schema())
    properties = schema["properties"]
    line = properties["lines"]["additionalProperties"]["properties"]
    line["body"] = _refer(line["body"], LINE)
    after = line["after"]["additionalProperties"]["properties"]
    after["body"] = _refer(after["body"], LINE)
    record = properties["records"].pop("additionalProperties")
    record["properties"]["record"]["examples"] = list(list_record_types())
    record["properties"]["from"]["properties"]["record"]["examples"] = list(list_record_types())
    record["allOf"] = [_if_record(name) for name in list_record_types()]
    properties["records"]["additionalProperties"] = {"$ref": f"{_DEFS}record"}
    properties["records"]["properties"] |= {
        _snake_case(name): _named_as(name) for name in list_record_types()
    }
    bodies = {name: _with_placements(part) for name, part in list_body_definitions().items()}
    definitions = {**_PLACEMENTS, "record": record, **bodies}
    return schema | {"required": ["erpmap"], "$defs": definitions}


def tenant_file_schema() -> Schema:
    """Return the schema of a tenant.yaml."""
    return tenant_schema() | {"required": ["tenant", "mappings"]}


FILE_SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "mapping": mapping_file_schema,
    "tenant": tenant_file_schema,
    "operator": operator_schema,
    "refusals": refusals_schema,
}


def format_schema(schema: Schema) -> str:
    """Return a schema as JSON, with a line for each small part."""
    return _format(schema, 0) + "\n"


def _format(value: Any, indent: int) -> str:
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or len(short) + indent <= _MAX_LINE:
        return short
    inner = indent + 2
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_format(each, inner)}" for key, each in value.items()]
    else:
        parts = [_format(each, inner) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"{opening}\n{lines}\n{' ' * indent}{closing}"


def _as_written(schema: Schema) -> Schema:
    """Return a schema of a part of a file: nothing in it is required, maps may place entries."""
    result = {key: value for key, value in schema.items() if key != "required"}
    if "properties" in schema:
        members = schema["properties"].items()
        result["properties"] = {name: _as_written(part) for name, part in members}
    for key in ("additionalProperties", "items"):
        if isinstance(schema.get(key), dict):
            result[key] = _as_written(schema[key])
    if schema.get("propertyNames") == {"pattern": NAME}:
        result["propertyNames"] = {"pattern": _PLACEMENT_NAME}
    return _with_placements(result) if "object" in schema.get("type", ()) else result


def _with_placements(schema: Schema) -> Schema:
    """Return a schema whose map, if it is one, may remove and place its entries."""
    if "properties" not in schema and "type" not in schema:
        return schema
    placements = {key: {"$ref": f"{_DEFS}{key}"} for key in _PLACEMENTS}
    return schema | {"properties": {**schema.get("properties", {}), **placements}}


def _refer(schema: Schema, definition: str) -> Schema:
    """Return a schema that has the keys of a definition and its own description."""
    return {"description": schema["description"], "type": "object", "$ref": _DEFS + definition}


def _if_record(name: str) -> Schema:
    """Return a part that holds for records of one type."""
    return {
        "if": {"properties": {"record": {"const": name}}, "required": ["record"]},
        "then": _with_body(name),
    }


def _named_as(name: str) -> Schema:
    """Return the schema of an overlay's record that is named as its type: it need not say the type."""
    return {
        "description": f"the record {name}, unless `record` says another type",
        "$ref": f"{_DEFS}record",
        "if": {"not": {"required": ["record"]}},
        "then": _with_body(name),
    }


def _with_body(name: str) -> Schema:
    return {"properties": {"body": {"$ref": _DEFS + body_definition(name)}}}


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
