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
# Maximum number of schemas that one value within a body may be held against.
MAX_PATHS = 20_000
MAX_LISTED = 10_000

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
        or _check_paths(schema, schema.get("$defs", {}))
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
    listed = schema.get("enum", [])
    if isinstance(listed, list) and len(listed) > MAX_LISTED:
        yield f"it has a list of more than {MAX_LISTED:,} values"
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


def _check_paths(schema: Schema, defs: Mapping[str, Schema]) -> str | None:
    """Find schemas whose alternatives multiply with the depth of a body.

    A value is held against each alternative, and what is in it against each alternative of each of
    these. A definition may contain itself by one alternative: then the number grows only by steps.
    """
    counts: dict[str, int] = {}
    under_way: set[str] = set()

    def count(each: object) -> int:
        """Return the number of schemas for one value within `each`; 0 for one that contains itself."""
        if not isinstance(each, Mapping):
            return 1
        ways = [count(one) for one in each.get("anyOf", [])]
        ways += [of(each["$ref"].removeprefix(_DEFS))] if "$ref" in each else []
        inner = [count(one) for one in _inner_members(each)]
        ways.append(0 if 0 in inner else max(inner, default=1))
        if ways.count(0) > 1:
            raise _MultipliedError
        return 0 if 0 in ways else sum(ways)

    def of(name: str) -> int:
        if name in under_way:
            return 0
        if name not in counts:
            under_way.add(name)
            counts[name] = count(defs[name])
            under_way.discard(name)
        return counts[name]

    try:
        most = max([count(schema), *map(of, defs)])
    except _MultipliedError:
        return "a definition contains itself by several alternatives"
    return "its alternatives multiply with the depth of a body" if most > MAX_PATHS else None


class _MultipliedError(Exception):
    """A definition contains itself by several alternatives."""


def _inner_members(schema: Schema) -> Iterator[object]:
    """Yield the schemas of what is within a value of a schema."""
    for keyword in ("properties", "patternProperties"):
        yield from schema.get(keyword, {}).values()
    yield from (schema[key] for key in ("items", "additionalProperties") if key in schema)
