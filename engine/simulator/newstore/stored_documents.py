"""Documents as the shop stores them: a recorded GraphQL answer without aliases and pages.

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
    """The recorded entries of a connection that has more."""


def normalize_document(kind: str, answer: Mapping[str, object]) -> Document:
    """Return an object of an answer, of the type `kind`, as it is stored.

    Raise ValueError for a field that the type does not have: a mistake, or an alias, which
    `remove_aliases` removes.
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
    """Return the entries of a connection; an absent connection has none."""
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


def _join(nodes: list[Document], edge_nodes: list[Document]) -> list[Document]:
    """Return the entries of both lists; entries with the same id or the same members count once."""
    joined = [dict(node) for node in nodes]
    known = {node["id"]: node for node in joined if "id" in node}
    for node in edge_nodes:
        if node.get("id") in known:
            known[node["id"]].update(node)
        elif node not in nodes:
            joined.append(node)
    return joined


def remove_aliases(answer: Mapping[str, object], query: str) -> Document:
    """Return the `data` of an answer with field names in place of the aliases of its query.

    A connection that was requested twice, with different filters, has the entries of both.
    Raise GraphQLSyntaxError for a text that is not a query.
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


def _merge(first: object, second: object) -> object:
    """Merge two values of the same field: objects get the members of both, lists the entries."""
    if isinstance(first, dict) and isinstance(second, dict):
        both = {name: _merge(first[name], second[name]) for name in first.keys() & second.keys()}
        return {**first, **second, **both}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *(entry for entry in second if entry not in first)]
    return second
