"""Where in a query a field belongs that it does not select. Pure."""

from __future__ import annotations

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from .selection_tree import Selection


def list_fields(selection: Selection, schema: GraphQLSchema) -> tuple[str, ...]:
    """Return all fields of the type of a selection, in the order of the schema."""
    kind = schema.type_map.get(selection.type_name)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return tuple(kind.fields)
    return ()


def find_neighbour(selection: Selection, name: str, schema: GraphQLSchema) -> Selection:
    """Return the selected field that is nearest to a field in the schema; the selection itself without one."""
    fields = list_fields(selection, schema)
    if name not in fields:
        return selection
    position = fields.index(name)
    places = {field: index for index, field in enumerate(fields)}
    beside = [child for child in selection.children.values() if child.name in places]
    return min(beside, key=lambda child: abs(places[child.name] - position), default=selection)
