"""The answer to a GraphQL introspection becomes a text of types (SDL). Pure, and always the same text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    GraphQLError,
    IntrospectionQuery,
    build_client_schema,
    lexicographic_sort_schema,
    print_schema,
)

from ...findings.diagnostics import Finding, SourceText
from ...findings.errors import ReadError, SpecError
from ..files.folder import MAX_SCHEMA_BYTES
from ..plan.selection import read_schema

MAX_TYPES = 20_000
_NAME = "the types that NewStore tells"


def build_sdl(introspection: Mapping[str, Any]) -> str:
    """The types of an introspection, `{"__schema": …}` or the answer `{"data": {"__schema": …}}`.

    Sorted by name, and scalars keep their names. Raise ReadError (E1008) for what is no introspection,
    is not valid as a schema, or is too large for a snapshot.
    """
    data = introspection.get("data", introspection)
    told = data.get("__schema") if isinstance(data, Mapping) else None
    types = told.get("types") if isinstance(told, Mapping) else None
    if not isinstance(types, list):
        raise _no_schema("the answer holds no `__schema` with `types`")
    if len(types) > MAX_TYPES:
        raise _no_schema(f"there are more than {MAX_TYPES:,} types")
    try:
        schema = build_client_schema(cast("IntrospectionQuery", {"__schema": told}))
        sdl = print_schema(lexicographic_sort_schema(schema)) + "\n"
    except (GraphQLError, TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        raise _no_schema("the answer is no whole introspection") from error
    if len(sdl.encode("utf-8", "replace")) > MAX_SCHEMA_BYTES:
        raise _no_schema(f"its text would be larger than {MAX_SCHEMA_BYTES:,} bytes")
    try:
        read_schema(SourceText(_NAME, sdl))
    except SpecError as error:
        raise _no_schema(error.findings[0].message) from error
    return sdl


def _no_schema(problem: str) -> ReadError:
    message = f"{_NAME} cannot be read: {problem}"
    hint = "ask with the whole introspection query of the GraphQL specification"
    return ReadError(message, [Finding("E1008", message, hint=hint)])
