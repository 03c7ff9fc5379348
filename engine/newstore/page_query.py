"""Narrows a query to a single connection, to request its next page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)

from .queries import Query, print_query

# The values of arguments; None leaves an argument out.
Arguments = Mapping[str, str | int | None]

# Nested fragments can expand to a tree of any size.
_MAX_FIELDS = 5_000


@dataclass(slots=True)
class _Narrowing:
    """The key to keep at each depth, and the arguments that change there.

    At a depth in `plain`, fields without selections of their own are kept too. `room` is the number of
    fields that may still be visited.
    """

    fragments: Mapping[str, FragmentDefinitionNode]
    keys: Sequence[str]
    changes: Mapping[int, Arguments]
    plain: frozenset[int]
    room: int = _MAX_FIELDS


def narrow_query(
    query: Query, keys: Sequence[str], changes: Mapping[int, Arguments], plain: Iterable[int]
) -> Query | None:
    """Return the query with only the field at the end of `keys`, and its selection.

    `changes` holds new arguments of fields by depth, `plain` the depths at which plain fields stay. None
    for a query whose fragments expand to too many fields.
    """
    operation, fragments = _split_document(query.document)
    work = _Narrowing(fragments=fragments, keys=keys, changes=changes, plain=frozenset(plain))
    selections = _narrow_selections(work, operation.selection_set, 0)
    if work.room < 0 or selections is None:
        return None
    kept = _collect_fragments(selections, fragments)
    used = {
        node.name.value
        for node in _iterate_nodes((selections, *kept))
        if isinstance(node, VariableNode)
    }
    definitions = tuple(
        node for node in operation.variable_definitions or () if node.variable.name.value in used
    )
    smaller = replace(
        operation, selection_set=selections, variable_definitions=definitions, directives=()
    )
    return print_query(DocumentNode(definitions=(smaller, *kept)))


def list_variables(query: Query) -> frozenset[str]:
    """Return the names of a query's variables."""
    operation, _ = _split_document(query.document)
    return frozenset(node.variable.name.value for node in operation.variable_definitions or ())


def find_arguments(query: Query, keys: Sequence[str]) -> Mapping[str, ArgumentNode]:
    """Return the arguments of the field at the end of `keys`, the same wherever it is selected."""
    operation, fragments = _split_document(query.document)
    sets = [operation.selection_set]
    fields: list[FieldNode] = []
    for key in keys:
        fields = [node for node in _iterate_fields(sets, fragments) if _get_key(node) == key]
        sets = [node.selection_set for node in fields if node.selection_set is not None]
    arguments = fields[0].arguments or () if fields else ()
    return {argument.name.value: argument for argument in arguments}


def _split_document(
    document: DocumentNode,
) -> tuple[OperationDefinitionNode, Mapping[str, FragmentDefinitionNode]]:
    definitions = document.definitions
    (operation,) = (node for node in definitions if isinstance(node, OperationDefinitionNode))
    return operation, {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }


def _narrow_selections(
    work: _Narrowing, selections: SelectionSetNode, depth: int
) -> SelectionSetNode | None:
    """Return the selections that lead to the field; None when none do."""
    kept: list[SelectionNode] = []
    for node in selections.selections:
        work.room -= 1
        if work.room < 0:
            return None
        narrow = _narrow_field if isinstance(node, FieldNode) else _narrow_fragment
        smaller = narrow(work, node, depth)
        if smaller is not None:
            kept.append(smaller)
    return SelectionSetNode(selections=tuple(kept)) if kept else None


def _narrow_field(work: _Narrowing, node: SelectionNode, depth: int) -> SelectionNode | None:
    assert isinstance(node, FieldNode)
    if _get_key(node) != work.keys[depth]:
        return node if depth in work.plain and node.selection_set is None else None
    changed = _change_arguments(node, work.changes.get(depth, {}))
    if depth == len(work.keys) - 1:
        return changed
    inner = _narrow_selections(work, node.selection_set, depth + 1) if node.selection_set else None
    return replace(changed, selection_set=inner) if inner else None


def _narrow_fragment(work: _Narrowing, node: SelectionNode, depth: int) -> SelectionNode | None:
    """Return a fragment as an inline fragment, narrowed."""
    assert isinstance(node, InlineFragmentNode | FragmentSpreadNode)
    source: InlineFragmentNode | FragmentDefinitionNode
    source = node if isinstance(node, InlineFragmentNode) else work.fragments[node.name.value]
    inner = _narrow_selections(work, source.selection_set, depth)
    if inner is None:
        return None
    return InlineFragmentNode(
        type_condition=source.type_condition, directives=node.directives, selection_set=inner
    )


def _change_arguments(node: FieldNode, changes: Arguments) -> FieldNode:
    if not changes:
        return node
    kept = [argument for argument in node.arguments or () if argument.name.value not in changes]
    new = [
        ArgumentNode(name=NameNode(value=name), value=_build_literal(value))
        for name, value in changes.items()
        if value is not None
    ]
    return replace(node, arguments=(*kept, *new))


def _build_literal(value: str | int) -> StringValueNode | IntValueNode:
    return (
        StringValueNode(value=value) if isinstance(value, str) else IntValueNode(value=str(value))
    )


def _get_key(node: FieldNode) -> str:
    return (node.alias or node.name).value


def _iterate_fields(
    sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """Yield the fields of selection sets; each fragment is followed once."""
    waiting, seen = list(sets), set[str]()
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                waiting.append(fragments[node.name.value].selection_set)


def _collect_fragments(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[FragmentDefinitionNode, ...]:
    """Return the fragments that selections use, directly or through others."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting: list[Node] = [selections]
    while waiting:
        for node in _iterate_nodes((waiting.pop(),)):
            if isinstance(node, FragmentSpreadNode) and node.name.value not in found:
                found[node.name.value] = fragments[node.name.value]
                waiting.append(found[node.name.value])
    return tuple(found.values())


def _iterate_nodes(tops: Iterable[Node]) -> Iterator[Node]:
    """Yield all nodes of some trees."""
    waiting = list(tops)
    while waiting:
        node = waiting.pop()
        yield node
        for name in node.keys:
            value = getattr(node, name)
            if isinstance(value, Node):
                waiting.append(value)
            elif isinstance(value, tuple | list):
                waiting.extend(entry for entry in value if isinstance(entry, Node))
