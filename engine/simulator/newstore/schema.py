"""The GraphQL types the simulator answers by: those of schemas/newstore.graphql."""

from __future__ import annotations

from functools import cache

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from ...bundled import bundled

CONNECTION = "Connection"


@cache
def schema() -> GraphQLSchema:
    """The types, read once; scalars are taken and sent as they are."""
    path = bundled("schemas") / "newstore.graphql"
    return build_schema(path.read_text(encoding="utf-8"))


def object_type(name: str) -> GraphQLObjectType:
    """An object type by its name."""
    kind = schema().type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def node_type(connection: str) -> str:
    """The name of the type of a connection's entries."""
    return str(get_named_type(object_type(connection).fields["nodes"].type))


def named(kind: GraphQLOutputType) -> str:
    """The name of a type without its list and null marks."""
    return str(get_named_type(kind))
