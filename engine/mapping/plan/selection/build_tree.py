"""A valid query becomes the tree of its selections. Pure.

The rules are those of execution: a fragment counts once in each selection set, and
fields with the same name in the answer are merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from ....findings.errors import ExpressionError
from .graphql_types import is_money
from .selection_tree import Selection

# Fragments within fragments can expand to a tree of any size.
MAX_FIELDS = 5_000
MAX_DEPTH = 50

_PAGE_SIZES = frozenset({"first", "last"})
_PAGE_ARGUMENTS = ("first", "offset", "after")


@dataclass(slots=True)
class _Query:
    """The parts of a query, and the number of fields that its tree may still add."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    room: int = MAX_FIELDS


@dataclass(frozen=True, slots=True)
class _Part:
    """Selections on values of one type."""

    on: GraphQLNamedType
    selections: SelectionSetNode


@dataclass(frozen=True, slots=True)
class _Found:
    """A field as selected in one place; introspection (`__typename`) has no definition."""

    node: FieldNode
    definition: GraphQLField | None
    on: GraphQLNamedType


def build_selection(document: DocumentNode, schema: GraphQLSchema) -> Selection:
    """Build the tree of a valid document with one query; raise ExpressionError (E1007) if too large."""
    definitions = document.definitions
    (operation,) = (node for node in definitions if isinstance(node, OperationDefinitionNode))
    fragments = {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }
    assert schema.query_type is not None
    query = _Query(schema, fragments)
    children = _build_children(query, [_Part(schema.query_type, operation.selection_set)], depth=1)
    return Selection("query", schema.query_type.name, children, nullable=False)


def _build_children(query: _Query, parts: Iterable[_Part], *, depth: int) -> dict[str, Selection]:
    """Return the selections of an object, by their names in the answer."""
    by_name: dict[str, list[_Found]] = {}
    seen: set[str] = set()
    for part in parts:
        for found in _list_fields(query, part, seen):
            name = (found.node.alias or found.node.name).value
            by_name.setdefault(name, []).append(found)
    query.room -= len(by_name)
    if query.room < 0 or depth > MAX_DEPTH:
        raise ExpressionError(
            "E1007",
            "the query selects too much",
            hint=f"at most {MAX_FIELDS:,} fields and {MAX_DEPTH} levels, fragments followed",
        )
    return {name: _build_field(query, found, depth=depth) for name, found in by_name.items()}


def _list_fields(query: _Query, part: _Part, seen: set[str]) -> Iterator[_Found]:
    """Yield the fields of a selection set; a fragment in it is followed once."""
    waiting = [part]
    while waiting:
        here = waiting.pop()
        for node in here.selections.selections:
            if isinstance(node, FieldNode):
                yield _Found(node, _find_definition(here.on, node.name.value), here.on)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(_Part(_fragment_type(query, node, here.on), node.selection_set))
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = query.fragments[node.name.value]
                waiting.append(
                    _Part(_fragment_type(query, fragment, here.on), fragment.selection_set)
                )


def _build_field(query: _Query, found: list[_Found], *, depth: int) -> Selection:
    """Build one field of the answer, merged from all the places that select it."""
    node, definition = found[0].node, found[0].definition
    start = node.name.loc.start if node.name.loc else 0
    if definition is None:
        return Selection(
            node.name.value, "String", nullable=False, offset=start, length=len(node.name.value)
        )
    parts = [
        _Part(get_named_type(each.definition.type), each.node.selection_set)
        for each in found
        if each.definition is not None and each.node.selection_set is not None
    ]
    kind = get_named_type(definition.type)
    return Selection(
        node.name.value,
        kind.name,
        _build_children(query, parts, depth=depth + 1),
        lists=_count_lists(definition.type),
        nullable=not isinstance(definition.type, GraphQLNonNull),
        is_money=is_money(found[0].on, node.name.value, kind),
        words=tuple(kind.values) if isinstance(kind, GraphQLEnumType) else (),
        paged=any(argument.name.value in _PAGE_SIZES for argument in node.arguments or ()),
        takes=tuple(name for name in _PAGE_ARGUMENTS if name in definition.args),
        offset=start,
        length=len(node.name.value),
    )


def _find_definition(on: GraphQLNamedType, name: str) -> GraphQLField | None:
    if isinstance(on, GraphQLObjectType | GraphQLInterfaceType):
        fields: Mapping[str, GraphQLField] = on.fields
        return fields.get(name)
    return None


def _fragment_type(
    query: _Query, node: InlineFragmentNode | FragmentDefinitionNode, on: GraphQLNamedType
) -> GraphQLNamedType:
    """Return the type of a fragment; an inline fragment may leave it out."""
    if node.type_condition is None:
        return on
    return query.schema.type_map[node.type_condition.name.value]


def _count_lists(kind: GraphQLOutputType) -> int:
    """Return the number of lists around one value of a type."""
    count = 0
    inner: object = kind
    while isinstance(inner, GraphQLNonNull | GraphQLList):
        count += isinstance(inner, GraphQLList)
        inner = inner.of_type
    return count
