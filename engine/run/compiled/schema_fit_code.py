"""Compile the signature of a body: bodies of one signature are validated once.

The schemas of the ledger's records constrain keys and kinds, and of values their lengths, closed lists
and states. So two bodies of one signature, with the same keys and values of the same classes under each,
on the same side of each limit, both fit or neither does. Where a schema constrains values otherwise,
there is no signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...findings.errors import NotCompiledError
from ...language.templates import find_names
from ...mapping.plan import Body, BodyList, BodyMap, Record, TemplateAt
from ...mapping.record_schemas import (
    ADDRESS_NAMES,
    Schema,
    has_at_most_bytes,
    has_no_controls,
    is_state_of,
)
from .shapes import NULL, NUMBERS, WHOLE, KnownValue

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
        "maxBytes",
        "noControls",
        "statesOf",
    ]
)
# Every formatted date matches this pattern.
_DAY = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![\s\S])"


# Returns the code of a constant.
MakeConstant = Callable[[object], str]


def compile_signature(
    schema: Schema, root: Schema, body: KnownValue, constant: MakeConstant
) -> list[str] | None:
    """Return the code of each part of a signature; None where values decide.

    `root` holds the definitions that a schema refers to.
    """
    try:
        return list(_Signature(root, constant).list_differences([schema], body))
    except NotCompiledError:
        return None


def find_line_schema(record: Record) -> Schema | None:
    """Return the schema of one line if all lines stand in one place of the record."""
    if record.schema is None:
        return None
    root = record.schema.schema
    places = list(_list_line_schemas(record.body, [root], root))
    return places[0][0] if len(places) == 1 and len(places[0]) == 1 else None


@dataclass(frozen=True, slots=True)
class _Signature:
    """The signature of bodies under a schema with these definitions."""

    root: Schema
    constant: MakeConstant

    def list_differences(self, schemas: list[Schema], value: KnownValue) -> Iterator[str]:
        """Yield the code of what may differ between values of this shape and matters to the schemas."""
        if value.is_constant:
            return
        kind = value.shape.kind
        if value.parts is not None:
            if value.shape.omit:
                yield f"{value.code} is OMIT"
            for key, part in value.parts.items():
                yield from self.list_differences(
                    list(_list_member_schemas(schemas, self.root, key)), part
                )
            yield from self._list_states(schemas, value.parts)
        elif kind in {"list", "lines"}:
            if value.group is None:
                raise NotCompiledError("the schema constrains values")
        elif kind in {"json", "any"}:
            yield from self._list_limits(schemas, "text", value.code)
            yield f"{value.code}.__class__"
        else:
            yield from self._list_limits(schemas, "day" if value.is_day else kind, value.code)
            if value.shape.omit:
                yield f"{value.code} is OMIT"

    def _list_states(self, schemas: list[Schema], parts: Mapping[str, KnownValue]) -> Iterator[str]:
        """Yield whether the state of an address is one of its country."""
        named = [names for names in ADDRESS_NAMES if names[1] in parts]
        for schema in _resolve_schemas(schemas, self.root) if named else ():
            for country_name, state_name in named if "statesOf" in schema else ():
                country = parts.get(country_name, KnownValue("None", NULL, constant=None))
                country = (country.parts or {}).get("id", country)
                if WHOLE in (country.code, parts[state_name].code):
                    raise NotCompiledError("the schema constrains values")
                codes = f"{country.code}, {parts[state_name].code}"
                yield f"{self.constant(is_state_of)}({codes}, {self.constant(schema['statesOf'])})"

    def _list_limits(self, schemas: list[Schema], kind: str, code: str) -> Iterator[str]:
        """Yield on which side of each limit a value is; raise NotCompiledError for other constraints."""
        for schema in _resolve_schemas(schemas, self.root):
            pattern, types = schema.get("pattern"), schema.get("type", "string")
            is_fit_day = kind == "day" and pattern == _DAY and "enum" not in schema
            if pattern is not None and kind not in NUMBERS | {"truth"} and not is_fit_day:
                raise NotCompiledError("the schema constrains values")
            if "statesOf" in schema and kind == "map":
                raise NotCompiledError("the schema constrains values")
            if "integer" in types and "number" not in types and kind in {"decimal", "number"}:
                raise NotCompiledError("the schema constrains values")
            if "enum" in schema:
                yield self._is_listed(schema["enum"], kind, code)
            if kind in NUMBERS | {"truth"}:
                continue
            if "maxLength" in schema:
                yield f"{code}.__class__ is str and len({code}) > {schema['maxLength']}"
            if "maxBytes" in schema:
                yield f"{self.constant(has_at_most_bytes)}({code}, {schema['maxBytes']})"
            if "noControls" in schema:
                yield f"{self.constant(has_no_controls)}({code})"

    def _is_listed(self, listed: list[object], kind: str, code: str) -> str:
        """Return the code that tells the texts of a closed list from all others."""
        if kind != "text" or not all(isinstance(each, str) for each in listed):
            raise NotCompiledError("the schema constrains values")
        return f"{code}.__class__ is str and {code} in {self.constant(frozenset(listed))}"


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
