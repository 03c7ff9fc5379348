"""Compile the signature of a body: bodies of one signature are validated once.

The schemas of the ledger's records constrain keys and kinds, seldom values. So two bodies of one
signature, with the same keys and values of the same classes under each, both fit or neither does.
Where a schema constrains values, there is no signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...findings.errors import NotCompiledError
from ...language.templates import find_names
from ...mapping.plan import Body, BodyList, BodyMap, Record, TemplateAt
from ...mapping.record_schemas import Schema
from .shapes import NUMBERS, KnownValue

_UNDERSTOOD = frozenset(
    [
        "$ref",
        "$defs",
        "$schema",
        "title",
        "description",
        "type",
        "properties",
        "patternProperties",
        "additionalProperties",
        "items",
        "anyOf",
        "required",
        "pattern",
        "enum",
        "maxLength",
    ]
)
# Every formatted date matches this pattern.
_DAY = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![\s\S])"


def compile_signature(schema: Schema, root: Schema, body: KnownValue) -> list[str] | None:
    """Return the code of each part of a signature; None where values decide.

    `root` holds the definitions that a schema refers to.
    """
    try:
        return list(_list_differences([schema], root, body))
    except NotCompiledError:
        return None


def find_line_schema(record: Record) -> Schema | None:
    """Return the schema of one line if all lines stand in one place of the record."""
    if record.schema is None:
        return None
    root = record.schema.schema
    places = list(_list_line_schemas(record.body, [root], root))
    return places[0][0] if len(places) == 1 and len(places[0]) == 1 else None


def _list_differences(schemas: list[Schema], root: Schema, value: KnownValue) -> Iterator[str]:
    if value.is_constant:
        return
    if value.parts is not None:
        if value.shape.omit:
            yield f"{value.code} is OMIT"
        for key, part in value.parts.items():
            yield from _list_differences(list(_list_member_schemas(schemas, root, key)), root, part)
        return
    if value.shape.kind in {"list", "lines"}:
        if value.group is None:
            raise NotCompiledError("the schema constrains values")
        return
    if value.shape.kind in {"json", "any"}:
        _require_value_free(schemas, root, "text")
        yield f"{value.code}.__class__"
        return
    _require_value_free(schemas, root, "day" if value.is_day else value.shape.kind)
    if value.shape.omit:
        yield f"{value.code} is OMIT"


def _list_member_schemas(schemas: list[Schema], root: Schema, key: str) -> Iterator[Schema]:
    """Yield the schemas of a key."""
    for schema in _resolve_schemas(schemas, root):
        properties = schema.get("properties", {})
        if key in properties:
            yield properties[key]
        for pattern, inner in schema.get("patternProperties", {}).items():
            if re.search(pattern, key):
                yield inner
        if isinstance(schema.get("additionalProperties"), dict):
            raise NotCompiledError("the schema constrains values")


def _resolve_schemas(schemas: list[Schema], root: Schema) -> Iterator[Schema]:
    """Yield the schemas, the targets of their references and their alternatives."""
    for schema in schemas:
        if not _UNDERSTOOD.issuperset(schema):
            raise NotCompiledError("the schema constrains values")
        yield schema
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield from _resolve_schemas([root["$defs"][name]], root)
        yield from _resolve_schemas(schema.get("anyOf", []), root)


def _require_value_free(schemas: list[Schema], root: Schema, kind: str) -> None:
    """Raise NotCompiledError if a schema constrains values of that kind."""
    for schema in _resolve_schemas(schemas, root):
        pattern = schema.get("pattern")
        constrains_values = "enum" in schema or "maxLength" in schema or pattern is not None
        types = schema.get("type", "string")
        only_whole = "integer" in types and "number" not in types
        if kind == "day" and pattern == _DAY and "enum" not in schema:
            constrains_values = "maxLength" in schema
        if (constrains_values and kind not in NUMBERS | {"truth"}) or ("enum" in schema):
            raise NotCompiledError("the schema constrains values")
        if only_whole and kind in {"decimal", "number"}:
            raise NotCompiledError("the schema constrains values")


def _list_line_schemas(body: Body, schemas: list[Schema], root: Schema) -> Iterator[list[Schema]]:
    """Yield the schemas of one line for each template of lines in a body."""
    if isinstance(body, BodyMap):
        for key, entry in body.entries:
            yield from _list_line_schemas(
                entry, list(_list_member_schemas(schemas, root, key)), root
            )
    elif isinstance(body, BodyList):
        for each in body.items:
            yield from _list_line_schemas(each, [], root)
    elif isinstance(body, TemplateAt) and any(
        name.name == "lines" for name in find_names(body.template)
    ):
        yield [schema["items"] for schema in _resolve_schemas(schemas, root) if "items" in schema]
