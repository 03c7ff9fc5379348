"""What the schemas say of a place in a file: of the mapping language, and of NetSuite's records in a body. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from ..mapping.files.grammar import mapping_schema, tenant_schema
from ..mapping.record_schemas import RecordSchema, Schema, list_member_parts, list_root_parts
from .facts import MappingFacts, Steps
from .flow import LIST_STEP
from .paths import TENANT_FILE

_BODIES = frozenset(("body", "confirm"))
# Lines are written into this sublist of a record.
_SUBLIST: tuple[str | int, ...] = ("item", "items", 0)


@dataclass(frozen=True, slots=True)
class SchemaKey:
    """A key that a schema knows: its description, or its form in words, and whether a map is its value."""

    name: str
    words: str
    is_map: bool = False


@cache
def _document_schema(*, is_tenant: bool) -> Schema:
    return tenant_schema() if is_tenant else mapping_schema()


def language_schema(file: str) -> Schema:
    """Return the JSON Schema of a file, by its path."""
    return _document_schema(is_tenant=PurePosixPath(file).name == TENANT_FILE)


def schema_at(schema: Schema, path: Steps) -> Schema | None:
    """Return the schema of the value at a path; None for one that the schema does not describe."""
    for step in path:
        inner = schema.get("items") if step == LIST_STEP else schema.get("properties", {}).get(step)
        inner = schema.get("additionalProperties") if inner is None else inner
        if not isinstance(inner, dict):
            return None
        schema = inner
    return schema


def list_language_keys(schema: Schema | None) -> Iterator[SchemaKey]:
    """Yield the keys that a map of the language may have, besides names that authors choose."""
    for name, inner in (schema or {}).get("properties", {}).items():
        yield SchemaKey(name, str(inner.get("description", "")), _takes_map(inner))


def list_words(schema: Schema | None) -> tuple[str, ...]:
    """Return the words that a value may be."""
    schema = schema or {}
    if schema.get("type") == "boolean":
        return ("true", "false")
    known = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return tuple(_as_written(each) for each in known)


def find_body(path: Steps) -> int | None:
    """Return how many steps of a path lead to a body, its own included; None outside of bodies."""
    if path[:1] not in (("records",), ("lines",)):
        return None
    return next((at + 1 for at, step in enumerate(path) if at > 1 and step in _BODIES), None)


def list_parts(facts: Iterable[MappingFacts], path: Steps) -> list[tuple[Schema, RecordSchema]]:
    """Return the parts of the records' schemas that describe the place at a path within a body."""
    begin = find_body(path)
    if begin is None:
        return []
    steps = tuple(0 if step == LIST_STEP else step for step in path[begin:])
    found: list[tuple[Schema, RecordSchema]] = []
    for schema in _list_schemas(facts, path):
        parts = list_root_parts(schema.schema)
        for step in (*(_SUBLIST if path[0] == "lines" else ()), *steps):
            parts = list_member_parts(schema.schema, parts, step)
        found += [(part, schema) for part in parts]
    return found


def _list_schemas(facts: Iterable[MappingFacts], path: Steps) -> Iterator[RecordSchema]:
    seen: set[str] = set()
    for each in facts:
        records = (path[1],) if path[0] == "records" else each.names_in("records")
        for record in records:
            schema = each.record_schema(record)
            if schema is not None and schema.digest not in seen:
                seen.add(schema.digest)
                yield schema


def list_body_keys(parts: Iterable[tuple[Schema, RecordSchema]]) -> Iterator[SchemaKey]:
    """Yield the fields of NetSuite that a map of a body may have."""
    seen: set[str] = set()
    for part, schema in parts:
        for name, inner in part.get("properties", {}).items():
            if name not in seen:
                seen.add(name)
                yield SchemaKey(name, describe_part(inner, schema), _is_map(inner, schema))


def describe_part(part: Any, schema: RecordSchema) -> str:
    """Return the form of a field of NetSuite in words."""
    if not isinstance(part, dict):
        return ""
    part = _resolve(part, schema)
    told = [str(part[key]) for key in ("title", "description") if key in part]
    if not told:
        kind = part.get("type", "")
        told = [" or ".join(kind) if isinstance(kind, list) else str(kind)]
    limits = [f"at most {part['maxLength']:,} characters"] if "maxLength" in part else []
    words = [", ".join(map(str, part["enum"][:20]))] if "enum" in part else []
    return ": ".join([*told, *limits, *words])


def _resolve(part: Any, schema: RecordSchema) -> Any:
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        return {
            **schema.schema.get("$defs", {}).get(name, {}),
            **{k: v for k, v in part.items() if k != "$ref"},
        }
    return part


def _is_map(part: Any, schema: RecordSchema) -> bool:
    return isinstance(part, dict) and _takes_map(_resolve(part, schema))


def _takes_map(schema: Schema) -> bool:
    return schema.get("type") == "object"


def _as_written(value: object) -> str:
    return (
        {True: "true", False: "false"}.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
    )
