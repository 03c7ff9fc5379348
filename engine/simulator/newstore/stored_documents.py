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

from .schema import CONNECTION, named, node_type, object_type

Document = dict[str, object]
T = TypeVar("T")


class Cut(list[T]):
    """Entries of a connection that has more of them than were recorded."""


def stored(kind: str, answer: Mapping[str, object]) -> Document:
    """An object of an answer, by the name of its type, as it is kept.

    Raise ValueError for a name that the type does not have: it is a mistake, or an alias, and
    those are taken off by `without_aliases`.
    """
    fields = object_type(kind).fields
    unknown = [name for name in answer if name not in fields and not name.startswith("__")]
    if unknown:
        raise ValueError(f"{kind} has no field {', '.join(sorted(unknown))}; is it an alias?")
    return {
        name: _value(named(fields[name].type), value)
        for name, value in answer.items()
        if name in fields
    }


def _value(kind: str, value: object) -> object:
    if kind.endswith(CONNECTION):
        return _entries(kind, value)
    if isinstance(value, Mapping):
        return stored(kind, value)
    return value


def _entries(kind: str, value: object) -> list[object]:
    """The entries of a connection; an absent one has none."""
    if not isinstance(value, Mapping):
        return []
    entry = node_type(kind)
    edges = [edge.get("node") for edge in value.get("edges") or () if isinstance(edge, Mapping)]
    nodes, of_edges = (
        [stored(entry, node) for node in listed if isinstance(node, Mapping)]
        for listed in (value.get("nodes") or (), edges)
    )
    entries = _joined(nodes, of_edges)
    page = value.get("pageInfo")
    is_cut = isinstance(page, Mapping) and page.get("hasNextPage") is True
    return Cut(entries) if is_cut else list(entries)


def _joined(nodes: list[Document], others: list[Document]) -> list[Document]:
    """The entries of both lists; one that is in both, by its id or all it says, is one."""
    joined = [dict(node) for node in nodes]
    known = {node["id"]: node for node in joined if "id" in node}
    for other in others:
        if other.get("id") in known:
            known[other["id"]].update(other)
        elif other not in nodes:
            joined.append(other)
    return joined


def without_aliases(answer: Mapping[str, object], query: str) -> Document:
    """What `data` of an answer says, under the fields' own names, by the query it answers.

    A connection that was asked for twice, with other filters, has the entries of both.
    Raise GraphQLSyntaxError for a text that is no query.
    """
    document = parse(query)
    operation = next(
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    )
    return _renamed(answer, operation.selection_set, _fragments(document))


_Fragments = Mapping[str, FragmentDefinitionNode]


def _fragments(document: DocumentNode) -> _Fragments:
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _renamed(
    answer: Mapping[str, object], selected: SelectionSetNode | None, fragments: _Fragments
) -> Document:
    renamed: Document = {}
    for field in _fields(selected, fragments):
        key = field.alias.value if field.alias else field.name.value
        if key in answer:
            name = field.name.value
            value = _renamed_value(answer[key], field.selection_set, fragments)
            renamed[name] = _merged(renamed[name], value) if name in renamed else value
    return renamed


def _renamed_value(
    value: object, selected: SelectionSetNode | None, fragments: _Fragments
) -> object:
    if isinstance(value, Mapping):
        return _renamed(value, selected, fragments)
    if isinstance(value, list):
        return [_renamed_value(entry, selected, fragments) for entry in value]
    return value


def _fields(selected: SelectionSetNode | None, fragments: _Fragments) -> Iterable[FieldNode]:
    for node in selected.selections if selected else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(fragments[node.name.value].selection_set, fragments)


def _merged(one: object, other: object) -> object:
    """Two answers of the same field: objects have the members of both, lists the entries."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {name: _merged(one[name], other[name]) for name in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(entry for entry in other if entry not in one)]
    return other
