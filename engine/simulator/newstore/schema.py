"""The GraphQL types of the simulator: those of schemas/newstore.graphql."""

from __future__ import annotations

from functools import cache

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from ...bundled import bundled
from .moments import format_sortable

CONNECTION = "Connection"


@cache
def load_schema() -> GraphQLSchema:
    """Return the types, read once; scalars pass unchanged, but a Datetime sent must be a moment."""
    path = bundled("schemas") / "newstore.graphql"
    built = build_schema(path.read_text(encoding="utf-8"))
    moment = built.type_map["Datetime"]
    assert isinstance(moment, GraphQLScalarType)
    moment.coerce_input_value = _check_moment
    return built


def _check_moment(value: object) -> object:
    if format_sortable(value) is None:
        raise GraphQLError("invalid input syntax for a date and time")
    return value


def find_object_type(name: str) -> GraphQLObjectType:
    """Return an object type by its name."""
    kind = load_schema().type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def find_node_type(connection: str) -> str:
    """Return the name of the type of a connection's entries."""
    return str(get_named_type(find_object_type(connection).fields["nodes"].type))


def read_type_name(kind: GraphQLOutputType) -> str:
    """Return the name of a type without its list and null marks."""
    return str(get_named_type(kind))
