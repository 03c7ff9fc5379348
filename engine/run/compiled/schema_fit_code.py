"""Does a body fit its record's schema? Asked in full once for every make of body, then remembered.

A schema that NetSuite's records have looks at keys and kinds, seldom at values. So two bodies of one
make, with the same keys and with values of the same classes under each, either both fit or neither
does. `make_of` gives the code that tells the make of a body, and nothing where values decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...findings.errors import NotCompiledError
from ...language.templates import template_names
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
# Every day that is written as one is of this pattern.
_DAY = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![\s\S])"


def make_of(schema: Schema, root: Schema, body: KnownValue) -> list[str] | None:
    """Code for each thing that may differ between two bodies; None where values decide.

    `root` holds the definitions that a schema refers to.
    """
    try:
        return list(_differing([schema], root, body))
    except NotCompiledError:
        return None


def line_schema(record: Record) -> Schema | None:
    """What the record's schema says of one line, where all lines stand in one place of it."""
    if record.schema is None:
        return None
    root = record.schema.schema
    places = list(_places(record.body, [root], root))
    return places[0][0] if len(places) == 1 and len(places[0]) == 1 else None


def _differing(schemas: list[Schema], root: Schema, value: KnownValue) -> Iterator[str]:
    if value.is_constant:
        return
    if value.parts is not None:
        if value.shape.omit:
            yield f"{value.code} is OMIT"
        for key, part in value.parts.items():
            yield from _differing(list(_under(schemas, root, key)), root, part)
        return
    if value.shape.kind in {"list", "lines"}:
        if value.group is None:
            raise NotCompiledError("values decide")
        return
    if value.shape.kind in {"json", "any"}:
        _check(schemas, root, "text")
        yield f"{value.code}.__class__"
        return
    _check(schemas, root, "day" if value.is_day else value.shape.kind)
    if value.shape.omit:
        yield f"{value.code} is OMIT"


def _under(schemas: list[Schema], root: Schema, key: str) -> Iterator[Schema]:
    """What the schemas say of a key."""
    for schema in _resolved(schemas, root):
        properties = schema.get("properties", {})
        if key in properties:
            yield properties[key]
        for pattern, inner in schema.get("patternProperties", {}).items():
            if re.search(pattern, key):
                yield inner
        if isinstance(schema.get("additionalProperties"), dict):
            raise NotCompiledError("values decide")


def _resolved(schemas: list[Schema], root: Schema) -> Iterator[Schema]:
    """The schemas with references followed and alternatives laid side by side."""
    for schema in schemas:
        if not _UNDERSTOOD.issuperset(schema):
            raise NotCompiledError("values decide")
        yield schema
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield from _resolved([root["$defs"][name]], root)
        yield from _resolved(schema.get("anyOf", []), root)


def _check(schemas: list[Schema], root: Schema, kind: str) -> None:
    """Raise where a schema looks at values of that kind."""
    for schema in _resolved(schemas, root):
        pattern = schema.get("pattern")
        looks = "enum" in schema or "maxLength" in schema or pattern is not None
        types = schema.get("type", "string")
        only_whole = "integer" in types and "number" not in types
        if kind == "day" and pattern == _DAY and "enum" not in schema:
            looks = "maxLength" in schema
        if (looks and kind not in NUMBERS | {"truth"}) or ("enum" in schema):
            raise NotCompiledError("values decide")
        if only_whole and kind in {"decimal", "number"}:
            raise NotCompiledError("values decide")


def _places(body: Body, schemas: list[Schema], root: Schema) -> Iterator[list[Schema]]:
    """For each template of lines in a body: the schemas of one line there."""
    if isinstance(body, BodyMap):
        for key, entry in body.entries:
            yield from _places(entry, list(_under(schemas, root, key)), root)
    elif isinstance(body, BodyList):
        for each in body.items:
            yield from _places(each, [], root)
    elif isinstance(body, TemplateAt) and any(
        name.name == "lines" for name in template_names(body.template)
    ):
        yield [schema["items"] for schema in _resolved(schemas, root) if "items" in schema]
