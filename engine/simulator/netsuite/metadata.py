"""The metadata catalogue: the record types of the account, and the fields of each as JSON Schema.

Names and nesting (`salesOrder-itemCollection`, `nsResource`) are those of Oracle's REST API Browser
2026.1. Only the media type `application/schema+json` is supported.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from .account import Account
from .exposure import list_hidden
from .kinds import RecordGroup, RecordKind, list_kinds
from .records import RecordCall, require_kind
from .refusals import RefusalDetail, RefusalError
from .responses import respond_json
from .schemas import (
    Node,
    find_line_node,
    follow_references,
    is_choice,
    is_reference,
    list_sublists,
    require_schema,
)

_SCHEMA = "application/schema+json"
_CATALOG = "metadata-catalog"
_TYPES: dict[str, dict[str, Any]] = {
    "any": {"type": "string"},
    "text": {"type": "string"},
    "number": {"type": "number", "format": "double"},
    "checkbox": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
_RESOURCE = {
    "type": "object",
    "properties": {
        "id": {"title": "Internal identifier", "type": "string"},
        "refName": {"title": "Reference name", "type": "string"},
        "externalId": {"title": "External identifier", "type": "string"},
        "links": {"title": "Links", "type": "array", "readOnly": True},
    },
}


def list_metadata(call: RecordCall) -> Response:
    """`GET /metadata-catalog`: return every type with the address of its schema."""
    selected = call.query.get("select")
    chosen = [require_kind(name) for name in selected.split(",")] if selected else list_kinds()
    here = f"{call.base}/{_CATALOG}"
    items = [
        {"name": kind.record, "links": _build_links(f"{here}/{kind.record}")} for kind in chosen
    ]
    return respond_json(
        {"links": [{"rel": "self", "href": here}], "items": items}, "application/json"
    )


def get_metadata(call: RecordCall) -> Response:
    """`GET /metadata-catalog/{type}`: return the schema of a type, or one that such a schema refers to."""
    if _SCHEMA not in call.headers.get("accept", ""):
        words = f"Only the media type {_SCHEMA} is simulated"
        raise RefusalError(400, [RefusalDetail("INVALID_REQUEST", words)])
    name = call.path["type"]
    return respond_json(_build_schema(name, call), _SCHEMA)


def _build_schema(name: str, call: RecordCall) -> dict[str, Any]:
    if name == "nsResource":
        return _RESOURCE
    record, _, part = name.partition("-")
    kind = require_kind(record)
    if not part:
        return _build_record_schema(kind, call)
    sublist = next(
        (name for name in list_sublists(kind.record) if part in _schema_names(name)), None
    )
    if sublist is None:
        require_kind(name)
    assert sublist is not None
    return _build_sublist_schema(kind, sublist, part, call)


def _schema_names(sublist: str) -> tuple[str, str]:
    return f"{sublist}Collection", f"{sublist}Element"


def _build_record_schema(kind: RecordKind, call: RecordCall) -> dict[str, Any]:
    schema = require_schema(kind.record).schema
    level = "body" if kind.group is RecordGroup.TRANSACTION else "entity"
    properties = _build_properties(kind, schema, call) | _build_custom_properties(
        call.site.account, level, call
    )
    hidden = list_hidden(call.site.account, kind.record)
    shown = {name: properties[name] for name in properties if name.lower() not in hidden}
    return {"type": "object", "properties": shown}


def _build_sublist_schema(
    kind: RecordKind, sublist: str, part: str, call: RecordCall
) -> dict[str, Any]:
    if part.endswith("Collection"):
        items = {"$ref": _format_address(f"{kind.record}-{sublist}Element", call)}
        return {"type": "object", "properties": {"items": {"type": "array", "items": items}}}
    properties = _build_properties(kind, find_line_node(kind.record, sublist) or {}, call)
    if sublist == "item":
        properties |= _build_custom_properties(call.site.account, "column", call)
    return {"type": "object", "properties": properties}


def _build_properties(kind: RecordKind, node: Node, call: RecordCall) -> dict[str, Any]:
    root = require_schema(kind.record).schema
    return {
        name: _build_field(kind, name, follow_references(root, inner), call)
        for name, inner in node.get("properties", {}).items()
    }


def _build_field(kind: RecordKind, name: str, node: Node, call: RecordCall) -> dict[str, Any]:
    if is_reference(node):
        return {"$ref": _format_address("nsResource", call)}
    if is_choice(node):
        return {
            "type": "object",
            "properties": {"id": {"type": "string"}, "refName": {"type": "string"}},
        }
    if name in list_sublists(kind.record):
        return {"$ref": _format_address(f"{kind.record}-{name}Collection", call)}
    formats = {"a date": "date", "a date with a time": "date-time"}
    found: dict[str, Any] = {"type": node.get("type", "object")}
    if "title" in node and node["title"] in formats:
        found["format"] = formats[node["title"]]
    return found | ({"maxLength": node["maxLength"]} if "maxLength" in node else {})


def _build_custom_properties(account: Account, level: str, call: RecordCall) -> dict[str, Any]:
    resource = {"$ref": _format_address("nsResource", call)}
    return {
        name: _TYPES.get(kind, resource)
        for name, kind in account.custom_fields.get(level, {}).items()
    }


def _format_address(name: str, call: RecordCall) -> str:
    return f"{call.base}/{_CATALOG}/{name}"


def _build_links(here: str) -> list[dict[str, str]]:
    return [
        {"rel": "canonical", "href": here},
        {
            "rel": "describes",
            "href": here.replace(f"/{_CATALOG}", ""),
        },
        {"rel": "alternate", "href": here, "mediaType": _SCHEMA},
    ]
