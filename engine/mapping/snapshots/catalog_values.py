"""The schema of one property of NetSuite's catalog, in the form of the bundled schemas. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..record_schemas import Schema
from .catalog_parts import MAX_DEPTH, CatalogParts, UnclearError, name_order

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_LONGEST_LIST = 2_000
_LONGEST_TRAN_ID = 45  # Oracle's REST API browser, as in the bundled schemas
# The members of a reference [REST API browser: nsResource] and of a value of a list.
_REFERENCE = frozenset(("id", "externalId", "refName", "links"))
# The names of the definitions that all records share.
_TAKEN = frozenset(
    [
        "anyLines",
        "choice",
        "custom",
        "date",
        "dateTime",
        "externalId",
        "id",
        "reference",
        "references",
        "scalar",
        "writtenEarlier",
    ]
)


def convert_fields(parts: CatalogParts, schema: Schema, *, depth: int) -> dict[str, Schema]:
    """Return the writable properties, sorted by name; raise UnclearError."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        raise UnclearError("a part of it has no `properties`")
    if depth > MAX_DEPTH:
        raise UnclearError(f"it is nested more than {MAX_DEPTH} deep")
    fields = {}
    for key, raw in properties.items():
        name = parts.charge(key)
        if name != "links" and not (isinstance(raw, Mapping) and raw.get("readOnly") is True):
            fields[name] = _convert_value(parts, name, raw, depth)
    return dict(sorted(fields.items(), key=name_order))


def _convert_value(parts: CatalogParts, name: str, raw: object, depth: int) -> Schema:
    """Return the schema of a property."""
    schema, type_name = parts.resolve(raw)
    if name == "customForm":
        return _ref("reference")
    if schema is None:
        return _convert_link(type_name or "")
    kind = _read_type(schema)
    if kind == "object":
        return _convert_map(parts, name, (schema, type_name), depth)
    if kind == "array":
        return {
            "type": "array",
            "items": _convert_value(parts, "", schema.get("items", {}), _next_depth(depth)),
        }
    if kind is None:
        return {}
    if kind not in _SCALARS:
        raise UnclearError(f"a property is of the unknown type {kind[:40]!r}")
    return _SCALARS[kind](name, schema)


def _read_type(schema: Schema) -> str | None:
    """Return the type; of several, as in `[string, null]`, the first that is not null."""
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), None)
    if kind is not None and not isinstance(kind, str):
        raise UnclearError("a `type` is not a text")
    return kind


def _convert_link(type_name: str) -> Schema:
    """Return the schema of an external link: a reference for a record, any fields for lines and parts."""
    if type_name.endswith("Collection"):
        return _ref("anyLines")
    return {"type": "object"} if "-" in type_name else _ref("reference")


def _convert_map(
    parts: CatalogParts, name: str, part: tuple[Schema, str | None], depth: int
) -> Schema:
    """Return the schema of a sublist, a choice, a reference, or a record within the record."""
    schema, type_name = part
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return {"type": "object"}
    lines = properties.get("items")
    if isinstance(lines, Mapping) and _read_type(parts.resolve(lines)[0] or {}) == "array":
        return _convert_sublist(parts, name, parts.resolve(lines)[0] or {}, depth)
    if _is_reference(properties, type_name):
        return _ref("reference")
    if properties.keys() <= _REFERENCE:
        return _convert_choice(parts, properties)
    if type_name is None:
        return _closed_map(convert_fields(parts, schema, depth=_next_depth(depth)))
    return _ref(_define_part(parts, type_name, {}, (schema, depth)))


def _is_reference(properties: Mapping[str, Any], type_name: str | None) -> bool:
    """Return whether properties describe a reference to another record.

    A choice of a list is `{id, refName}`, and not a reference; a named type with an `id` that is not
    a part or line of this record is a reference.
    """
    if properties.keys() <= _REFERENCE:
        return "externalId" in properties or ("links" in properties and type_name is not None)
    is_part = type_name is None or "-" in type_name or type_name.endswith("Element")
    return not is_part and "id" in properties


def _convert_sublist(parts: CatalogParts, name: str, lines: Schema, depth: int) -> Schema:
    line, type_name = parts.resolve(lines.get("items", {}))
    if line is None:
        return _ref("references") if "-" not in (type_name or "") else _ref("anyLines")
    properties = line.get("properties")
    if not isinstance(properties, Mapping):
        return _ref("anyLines")
    if _is_reference(properties, type_name) or properties.keys() <= _REFERENCE:
        return _ref("references")
    words = {"title": f"a line of {name}"}
    if type_name is None:
        inner = words | _closed_map(convert_fields(parts, line, depth=_next_depth(depth)))
    else:
        inner = dict(_ref(_define_part(parts, type_name, words, (line, depth))))
    return {
        "title": "a sublist",
        "description": "{items: [...]}",
        "type": "object",
        "properties": {"items": {"type": "array", "items": inner}},
        "additionalProperties": False,
    }


def _define_part(
    parts: CatalogParts, type_name: str, words: Schema, part: tuple[Schema, int]
) -> str:
    """Return the name of a part's definition, which is built once, even when it contains itself."""
    if type_name not in parts.names:
        short = type_name.rpartition("-")[2].replace("Element", "Line")
        name = type_name if short in _TAKEN or short in parts.names.values() else short
        if name in _TAKEN or name in parts.names.values() or not _NAME.fullmatch(name):
            raise UnclearError(f"{type_name[:80]!r} has the name of another part")
        parts.names[type_name] = name
        schema, depth = part
        parts.made[name] = {
            **words,
            **_closed_map(convert_fields(parts, schema, depth=_next_depth(depth))),
        }
    return parts.names[type_name]


def _convert_choice(parts: CatalogParts, properties: Mapping[str, Any]) -> Schema:
    schema, _ = parts.resolve(properties.get("id", {}))
    return _choice_schema((schema or {}).get("enum"))


def _choice_schema(values: object) -> Schema:
    """Return the schema of a choice from a list; an enum when the catalog lists the values."""
    if not isinstance(values, list) or not 0 < len(values) <= _LONGEST_LIST:
        return _ref("choice")
    if not all(isinstance(value, str | int) for value in values):
        return _ref("choice")
    ids = {"enum": sorted({str(value) for value in values})}
    whole = _closed_map({"id": ids, "refName": {"type": "string"}}) | {"required": ["id"]}
    return {"title": "a choice", "anyOf": [ids, whole]}


def _convert_text(name: str, schema: Schema) -> Schema:
    if "enum" in schema:
        return _choice_schema(schema["enum"])
    if schema.get("format") in _MOMENTS:
        return _ref(_MOMENTS[str(schema["format"])])
    most = schema.get("maxLength", _LONGEST_TRAN_ID if name == "tranId" else None)
    if isinstance(most, int) and not isinstance(most, bool) and most > 0:
        return {"type": "string", "maxLength": int(most)}
    return {"type": "string"}


def _closed_map(fields: Mapping[str, Schema]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _next_depth(depth: int) -> int:
    """Return the depth of the next level; raise UnclearError where that is too deep."""
    if depth >= MAX_DEPTH:
        raise UnclearError(f"it is nested more than {MAX_DEPTH} deep")
    return depth + 1


_MOMENTS = {"date": "date", "date-time": "dateTime"}
_SCALARS: dict[str, Callable[[str, Schema], Schema]] = {
    "boolean": lambda _, __: {"type": "boolean"},
    "integer": lambda _, __: {"type": "integer"},
    "number": lambda _, __: {"type": "number"},
    "string": _convert_text,
}
