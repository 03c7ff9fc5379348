"""The answer to a GraphQL introspection becomes an SDL text. Pure and deterministic."""

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
_NAME = "NewStore's introspection"


def build_sdl(introspection: Mapping[str, Any]) -> str:
    """Build the SDL of an introspection, `{"__schema": …}` or the answer `{"data": {"__schema": …}}`.

    Types are sorted by name, and scalars keep their names. Raise ReadError (E1008) for an answer that is
    not an introspection, is not a valid schema, or is too large for a snapshot.
    """
    data = introspection.get("data", introspection)
    described = data.get("__schema") if isinstance(data, Mapping) else None
    types = described.get("types") if isinstance(described, Mapping) else None
    if not isinstance(types, list):
        raise _schema_error("the answer holds no `__schema` with `types`")
    if len(types) > MAX_TYPES:
        raise _schema_error(f"there are more than {MAX_TYPES:,} types")
    try:
        schema = build_client_schema(cast("IntrospectionQuery", {"__schema": described}))
        sdl = print_schema(lexicographic_sort_schema(schema)) + "\n"
    except (GraphQLError, TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        raise _schema_error("the answer is not a complete introspection") from error
    if len(sdl.encode("utf-8", "replace")) > MAX_SCHEMA_BYTES:
        raise _schema_error(f"its text would be larger than {MAX_SCHEMA_BYTES:,} bytes")
    try:
        read_schema(SourceText(_NAME, sdl))
    except SpecError as error:
        raise _schema_error(error.findings[0].message) from error
    return sdl


def _schema_error(problem: str) -> ReadError:
    message = f"{_NAME} cannot be read: {problem}"
    hint = "send the complete introspection query of the GraphQL specification"
    return ReadError(message, [Finding("E1008", message, hint=hint)])
