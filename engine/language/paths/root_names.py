"""The names that a path reads on its root, for the static checks of roots and types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .parse import Node, Path


@dataclass(frozen=True, slots=True)
class PathName:
    """A name read on the root, and its place in the path's text, in characters."""

    name: str
    offset: int
    length: int


def find_root_names(path: Path) -> tuple[PathName, ...]:
    """Return the names read on the root itself, in the order of the text.

    `order.items[?status == 'x'].id` reads `order`; a name in a filter, after a dot, a pipe or
    a projection, or in an `&` expression is read on another value.
    """
    fields = sorted(_root_fields(path.tree), key=lambda node: node["offset"])
    return tuple(PathName(node["value"], node["offset"], node["length"]) for node in fields)


_ROOT = frozenset(("current", "identity"))
_ON_SAME_VALUE = frozenset(
    (
        "and_expression",
        "comparator",
        "function_expression",
        "key_val_pair",
        "multi_select_dict",
        "multi_select_list",
        "not_expression",
        "or_expression",
    )
)
_FIRST_ONLY = frozenset(("filter_projection", "flatten", "projection", "value_projection"))
_CHAINS = frozenset(("index_expression", "pipe", "subexpression"))


def _root_fields(tree: Node) -> Iterator[Node]:
    pending = [tree]
    while pending:
        node = pending.pop()
        if node["type"] == "field":
            yield node
        pending.extend(_children_on_root(node))


def _children_on_root(node: Node) -> list[Node]:
    children: list[Node] = node["children"]
    if node["type"] in _ON_SAME_VALUE:
        return children
    if node["type"] in _FIRST_ONLY:
        return children[:1]
    return list(_links_on_root(children)) if node["type"] in _CHAINS else []


def _links_on_root(links: list[Node]) -> Iterator[Node]:
    """Yield the links of a chain that are read on the root: `@.a` and `@ | a` read `a` on it, too."""
    for link in links:
        yield link
        if link["type"] not in _ROOT:
            return
