"""What NetSuite takes for one property of its catalog, in the form of the schemas shipped. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..record_schemas import Schema
from .catalog_parts import MAX_DEPTH, CatalogParts, UnclearError, name_order

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_LONGEST_LIST = 2_000
_LONGEST_TRAN_ID = 45  # Oracle's REST API browser, as in the schemas shipped
# The members of a reference [REST API browser: nsResource] and of a value of a list.
_REFERENCE = frozenset(("id", "externalId", "refName", "links"))
_CHOICE = frozenset(("id", "refName"))
# Names that the definitions shared by all records have.
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
    """The properties that can be written, sorted by name; raise UnclearError."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        raise UnclearError("something has no `properties`")
    if depth > MAX_DEPTH:
        raise UnclearError(f"it is nested more than {MAX_DEPTH} deep")
    fields = {}
    for key, how in properties.items():
        name = parts.charge(key)
        if name != "links" and not (isinstance(how, Mapping) and how.get("readOnly") is True):
            fields[name] = _value(parts, name, how, depth)
    return dict(sorted(fields.items(), key=name_order))


def _value(parts: CatalogParts, name: str, how: object, depth: int) -> Schema:
    """What a property may be."""
    schema, called = parts.resolved(how)
    if name == "customForm":
        return _ref("reference")
    if schema is None:
        return _linked(called or "")
    kind = _kind(schema)
    if kind == "object":
        return _map(parts, name, (schema, called), depth)
    if kind == "array":
        return {"type": "array", "items": _value(parts, "", schema.get("items", {}), _in(depth))}
    if kind is None:
        return {}
    if kind not in _SCALARS:
        raise UnclearError(f"a property is of the unknown type {kind[:40]!r}")
    return _SCALARS[kind](name, schema)


def _kind(schema: Schema) -> str | None:
    """The type; of several, as in `[string, null]`, the first that is a value."""
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), None)
    if kind is not None and not isinstance(kind, str):
        raise UnclearError("a `type` is no text")
    return kind


def _linked(called: str) -> Schema:
    """What is told elsewhere: another record is a reference; of lines and parts the fields are open."""
    if called.endswith("Collection"):
        return _ref("anyLines")
    return {"type": "object"} if "-" in called else _ref("reference")


def _map(parts: CatalogParts, name: str, part: tuple[Schema, str | None], depth: int) -> Schema:
    """A sublist, a choice, a reference, or a record within the record."""
    schema, called = part
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return {"type": "object"}
    lines = properties.get("items")
    if isinstance(lines, Mapping) and _kind(parts.resolved(lines)[0] or {}) == "array":
        return _sublist(parts, name, parts.resolved(lines)[0] or {}, depth)
    if _is_reference(properties, called):
        return _ref("reference")
    if properties.keys() <= _REFERENCE:
        return _choice(parts, properties)
    if called is None:
        return _closed(convert_fields(parts, schema, depth=_in(depth)))
    return _ref(_made(parts, called, {}, (schema, depth)))


def _is_reference(properties: Mapping[str, Any], called: str | None) -> bool:
    """A value of a list is `{id, refName}`; what else is told as a part of another record is one."""
    if properties.keys() <= _REFERENCE:
        return "externalId" in properties or ("links" in properties and called is not None)
    is_part = called is None or "-" in called or called.endswith("Element")
    return not is_part and "id" in properties


def _sublist(parts: CatalogParts, name: str, lines: Schema, depth: int) -> Schema:
    line, called = parts.resolved(lines.get("items", {}))
    if line is None:
        return _ref("references") if "-" not in (called or "") else _ref("anyLines")
    properties = line.get("properties")
    if not isinstance(properties, Mapping):
        return _ref("anyLines")
    if _is_reference(properties, called) or properties.keys() <= _REFERENCE:
        return _ref("references")
    words = {"title": f"a line of {name}"}
    if called is None:
        inner = words | _closed(convert_fields(parts, line, depth=_in(depth)))
    else:
        inner = dict(_ref(_made(parts, called, words, (line, depth))))
    return {
        "title": "a sublist",
        "description": "{items: [...]}",
        "type": "object",
        "properties": {"items": {"type": "array", "items": inner}},
        "additionalProperties": False,
    }


def _made(parts: CatalogParts, called: str, words: Schema, part: tuple[Schema, int]) -> str:
    """The name of the definition of a part, which is made once, even when it holds itself."""
    if called not in parts.names:
        short = called.rpartition("-")[2].replace("Element", "Line")
        name = called if short in _TAKEN or short in parts.names.values() else short
        if name in _TAKEN or name in parts.names.values() or not _NAME.fullmatch(name):
            raise UnclearError(f"{called[:80]!r} cannot be told from another part")
        parts.names[called] = name
        schema, depth = part
        parts.made[name] = {**words, **_closed(convert_fields(parts, schema, depth=_in(depth)))}
    return parts.names[called]


def _choice(parts: CatalogParts, properties: Mapping[str, Any]) -> Schema:
    told, _ = parts.resolved(properties.get("id", {}))
    return _of_list((told or {}).get("enum"))


def _of_list(values: object) -> Schema:
    """A value of a list, which is closed when the catalog says what is in it."""
    if not isinstance(values, list) or not 0 < len(values) <= _LONGEST_LIST:
        return _ref("choice")
    if not all(isinstance(value, str | int) for value in values):
        return _ref("choice")
    ids = {"enum": sorted({str(value) for value in values})}
    whole = _closed({"id": ids, "refName": {"type": "string"}}) | {"required": ["id"]}
    return {"title": "a choice", "anyOf": [ids, whole]}


def _text(name: str, schema: Schema) -> Schema:
    if "enum" in schema:
        return _of_list(schema["enum"])
    if schema.get("format") in _MOMENTS:
        return _ref(_MOMENTS[str(schema["format"])])
    most = schema.get("maxLength", _LONGEST_TRAN_ID if name == "tranId" else None)
    if isinstance(most, int) and not isinstance(most, bool) and most > 0:
        return {"type": "string", "maxLength": int(most)}
    return {"type": "string"}


def _closed(fields: Mapping[str, Schema]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _in(depth: int) -> int:
    """One level further in; raise UnclearError where that is too deep."""
    if depth >= MAX_DEPTH:
        raise UnclearError(f"it is nested more than {MAX_DEPTH} deep")
    return depth + 1


_MOMENTS = {"date": "date", "date-time": "dateTime"}
_SCALARS: dict[str, Callable[[str, Schema], Schema]] = {
    "boolean": lambda _, __: {"type": "boolean"},
    "integer": lambda _, __: {"type": "integer"},
    "number": lambda _, __: {"type": "number"},
    "string": _text,
}
