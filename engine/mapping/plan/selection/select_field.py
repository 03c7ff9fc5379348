"""The fix that selects a field in a query: at its level, once, only if that takes nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
)

from ....findings.diagnostics import Fix
from ....findings.fixes import insert_text
from ...files.nodes import Scalar
from .graphql_types import load_newstore_schema
from .selection_tree import Selection, walk_selections

Queries = Sequence[tuple[Scalar, Selection]]


def fix_selection(
    within: Selection, name: str, queries: Queries, schema: GraphQLSchema | None
) -> Fix | None:
    """Return the fix that selects a field within a selection of one of the queries.

    None where the type has no such field, or the field has fields or required arguments of its own:
    then more than one query is right.
    """
    graphql = next((query for query, root in queries if _holds(root, within)), None)
    if graphql is None or not _is_plain(schema or load_newstore_schema(), within.type_name, name):
        return None
    found = _find_selections(parse(str(graphql.value)), within.offset)
    if found is None:
        return None
    title = f"select {name} in {within.name}"
    leaves = [node for node in found.selections if _is_leaf(node)]
    last = leaves[-1].loc if leaves else None
    if last is not None:
        return insert_text(graphql.place_at(last.end - 1).shifted(1, 1), f" {name}", title)
    first = found.selections[0].loc
    return None if first is None else insert_text(graphql.place_at(first.start), f"{name} ", title)


def _holds(root: Selection, within: Selection) -> bool:
    return root is within or any(inner is within for _, inner in walk_selections(root))


def _is_plain(schema: GraphQLSchema, type_name: str, name: str) -> bool:
    """Whether a field of a type exists, and is selected by its name alone."""
    kind = schema.type_map.get(type_name)
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return False
    field = kind.fields.get(name)
    return (
        field is not None
        and is_leaf_type(get_named_type(field.type))
        and not any(is_required_argument(argument) for argument in field.args.values())
    )


def _find_selections(document: DocumentNode, offset: int) -> SelectionSetNode | None:
    """Return what the field whose name begins at an offset selects."""
    for node in _list_fields(document):
        if node.name.loc is not None and node.name.loc.start == offset:
            return node.selection_set
    return None


def _list_fields(document: DocumentNode) -> Iterator[FieldNode]:
    waiting = [getattr(definition, "selection_set", None) for definition in document.definitions]
    while waiting:
        here = waiting.pop()
        for node in here.selections if here is not None else ():
            waiting.append(getattr(node, "selection_set", None))
            if isinstance(node, FieldNode):
                yield node


def _is_leaf(node: object) -> bool:
    return isinstance(node, FieldNode) and node.selection_set is None
