"""Documents as the shop keeps them: a recorded GraphQL answer without its aliases and pages.

Pure. A connection, `edges { node }` or `nodes` or both, becomes the list of its entries, so that
it can be served again in any page, order and selection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from .schema import CONNECTION, find_node_type, find_object_type, read_type_name

Document = dict[str, object]
T = TypeVar("T")


class PartialList(list[T]):
    """Entries of a connection that has more of them than were recorded."""


def normalize_document(kind: str, answer: Mapping[str, object]) -> Document:
    """An object of an answer, by the name of its type, as it is kept.

    Raise ValueError for a name that the type does not have: it is a mistake, or an alias, and
    those are taken off by `remove_aliases`.
    """
    fields = find_object_type(kind).fields
    unknown = [name for name in answer if name not in fields and not name.startswith("__")]
    if unknown:
        raise ValueError(f"{kind} has no field {', '.join(sorted(unknown))}; is it an alias?")
    return {
        name: _normalize_value(read_type_name(fields[name].type), value)
        for name, value in answer.items()
        if name in fields
    }


def _normalize_value(kind: str, value: object) -> object:
    if kind.endswith(CONNECTION):
        return _list_entries(kind, value)
    if isinstance(value, Mapping):
        return normalize_document(kind, value)
    return value


def _list_entries(kind: str, value: object) -> list[object]:
    """The entries of a connection; an absent one has none."""
    if not isinstance(value, Mapping):
        return []
    entry = find_node_type(kind)
    edges = [edge.get("node") for edge in value.get("edges") or () if isinstance(edge, Mapping)]
    nodes, of_edges = (
        [normalize_document(entry, node) for node in listed if isinstance(node, Mapping)]
        for listed in (value.get("nodes") or (), edges)
    )
    entries = _join(nodes, of_edges)
    page = value.get("pageInfo")
    is_cut = isinstance(page, Mapping) and page.get("hasNextPage") is True
    return PartialList(entries) if is_cut else list(entries)


def _join(nodes: list[Document], others: list[Document]) -> list[Document]:
    """The entries of both lists; one that is in both, by its id or all it says, is one."""
    joined = [dict(node) for node in nodes]
    known = {node["id"]: node for node in joined if "id" in node}
    for other in others:
        if other.get("id") in known:
            known[other["id"]].update(other)
        elif other not in nodes:
            joined.append(other)
    return joined


def remove_aliases(answer: Mapping[str, object], query: str) -> Document:
    """What `data` of an answer says, under the fields' own names, by the query it answers.

    A connection that was asked for twice, with other filters, has the entries of both.
    Raise GraphQLSyntaxError for a text that is no query.
    """
    document = parse(query)
    operation = next(
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    )
    return _rename_members(answer, operation.selection_set, _index_fragments(document))


_Fragments = Mapping[str, FragmentDefinitionNode]


def _index_fragments(document: DocumentNode) -> _Fragments:
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _rename_members(
    answer: Mapping[str, object], selected: SelectionSetNode | None, fragments: _Fragments
) -> Document:
    renamed: Document = {}
    for field in _list_fields(selected, fragments):
        key = field.alias.value if field.alias else field.name.value
        if key in answer:
            name = field.name.value
            value = _rename_value(answer[key], field.selection_set, fragments)
            renamed[name] = _merge(renamed[name], value) if name in renamed else value
    return renamed


def _rename_value(
    value: object, selected: SelectionSetNode | None, fragments: _Fragments
) -> object:
    if isinstance(value, Mapping):
        return _rename_members(value, selected, fragments)
    if isinstance(value, list):
        return [_rename_value(entry, selected, fragments) for entry in value]
    return value


def _list_fields(selected: SelectionSetNode | None, fragments: _Fragments) -> Iterable[FieldNode]:
    for node in selected.selections if selected else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _list_fields(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _list_fields(fragments[node.name.value].selection_set, fragments)


def _merge(one: object, other: object) -> object:
    """Two answers of the same field: objects have the members of both, lists the entries."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {name: _merge(one[name], other[name]) for name in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(entry for entry in other if entry not in one)]
    return other
