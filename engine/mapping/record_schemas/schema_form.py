"""The check that a schema has the form of all schemas of records. Pure.

The form guarantees that a payload is checked in bounded time, and compiled mappings rely on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .validator import Schema, find_references

KEYWORDS = frozenset(
    [
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "anyOf",
        "description",
        "enum",
        "items",
        "maxLength",
        "pattern",
        "patternProperties",
        "properties",
        "required",
        "title",
        "type",
    ]
)
MAX_DEPTH = 50
# Maximum number of alternatives for one value, with references followed.
MAX_ALTERNATIVES = 500

_DEFS = "#/$defs/"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MAPS = ("$defs", "properties", "patternProperties")
_DATE = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
_END = r"(?![\s\S])"
# Any other pattern could take too long on a hostile text.
PATTERNS = frozenset(
    [
        _DATE + _END,
        _DATE + _TIME + _END,
        r"^cust(?:body|col|entity|item|record|event)[a-z0-9_]+" + _END,
    ]
)


def find_flaw(schema: object) -> str | None:
    """Return why a value does not have the form of a record's schema; None when it has.

    Whether it is a valid JSON Schema is checked later, by jsonschema-rs.
    """
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties"), Mapping):
        return "it describes no map with `properties`"
    if schema.get("$schema", _DIALECT) != _DIALECT:
        return "its dialect is not JSON Schema 2020-12"
    return (
        next(_find_flaws(schema), None)
        or next(_check_references(schema), None)
        or _check_alternatives(schema, schema.get("$defs", {}))
    )


def _find_flaws(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the deviations from the form, in the schema and all schemas within it."""
    waiting: list[tuple[object, int]] = [(schema, 1)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, bool):
            continue
        if not isinstance(each, Mapping):
            yield "a schema in it is neither a map nor true or false"
        elif depth > MAX_DEPTH:
            yield f"it is nested more than {MAX_DEPTH} deep"
        else:
            yield from _check_schema(each, is_root=depth == 1)
            waiting += ((inner, depth + 1) for inner in _inner_schemas(each))


def _check_schema(schema: Mapping[str, Any], *, is_root: bool) -> Iterator[str]:
    for keyword in schema:
        if keyword not in KEYWORDS or (keyword == "$defs" and not is_root):
            yield f"it has the keyword {keyword[:40]!r}, which schemas of records do not use"
    for keyword in _MAPS:
        if not isinstance(schema.get(keyword, {}), Mapping):
            yield f"its {keyword!r} is not a map"
    if not isinstance(schema.get("anyOf", []), list):
        yield "its 'anyOf' is not a list"
    if not isinstance(schema.get("$ref", ""), str):
        yield "its '$ref' is not a text"
    patterns = schema.get("patternProperties", {})
    patterns = [*patterns] if isinstance(patterns, Mapping) else []
    for pattern in [*patterns, *([schema["pattern"]] if "pattern" in schema else [])]:
        if pattern not in PATTERNS:
            yield f"it has a pattern that is not allowed: {str(pattern)[:40]!r}"


def _inner_schemas(schema: Mapping[str, Any]) -> Iterator[object]:
    """Yield the schemas directly within a schema."""
    for keyword in _MAPS:
        inner = schema.get(keyword)
        yield from inner.values() if isinstance(inner, Mapping) else ()
    yield from (
        schema[keyword] for keyword in ("items", "additionalProperties") if keyword in schema
    )
    anyof = schema.get("anyOf")
    yield from anyof if isinstance(anyof, list) else ()


def _check_references(schema: Schema) -> Iterator[str]:
    for reference in find_references(schema):
        name = reference.removeprefix(_DEFS)
        if not reference.startswith(_DEFS) or name not in schema.get("$defs", {}):
            shown = re.sub(r"[^ -~]", "?", reference[:60])
            yield f"it refers to {shown!r}, which it does not define"


def _check_alternatives(schema: Schema, defs: Mapping[str, Schema]) -> str | None:
    """Find definitions that refer to themselves for the same value, or have too many alternatives."""
    counts: dict[str, int] = {}
    under_way: set[str] = set()

    def alternatives(each: object) -> int:
        if not isinstance(each, Mapping):
            return 1
        count = 1 + sum(map(alternatives, each.get("anyOf", [])))
        return count + (of(each["$ref"].removeprefix(_DEFS)) if "$ref" in each else 0)

    def of(name: str) -> int:
        if name in under_way or len(under_way) > MAX_DEPTH:
            return MAX_ALTERNATIVES + 1
        if name not in counts:
            under_way.add(name)
            counts[name] = alternatives(defs[name])
            under_way.discard(name)
        return counts[name]

    most = max([alternatives(schema), *map(of, defs)])
    return (
        "a definition refers to itself, or to too many others" if most > MAX_ALTERNATIVES else None
    )
