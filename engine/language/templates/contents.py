"""The names and lookups that a template uses, for checks before any order is rendered."""

from __future__ import annotations

from dataclasses import dataclass

from .nodes import (
    Attribute,
    Call,
    Constant,
    Item,
    ListDisplay,
    Name,
    Node,
    Template,
    child_nodes,
    walk_nodes,
)


@dataclass(frozen=True, slots=True)
class TemplateName:
    """A use of a name, with the constant keys that follow it.

    `settings.timezone` has the path ("settings", "timezone").
    """

    name: str
    path: tuple[str, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class LiteralCall:
    """A call whose first argument is a constant text; `further` counts the other positional arguments."""

    argument: str
    further: int
    offset: int
    length: int


def find_names(template: Template) -> tuple[TemplateName, ...]:
    """Return every use of a name, in reading order."""
    waiting: list[Node] = [part for part in template.parts if not isinstance(part, str)]
    found: list[TemplateName] = []
    while waiting:
        node = waiting.pop()
        path = _path(node)
        if path:
            found.append(
                TemplateName(name=path[0], path=path, offset=node.offset, length=node.length)
            )
        else:
            waiting.extend(child_nodes(node))
    return tuple(sorted(found, key=lambda name: name.offset))


def find_literal_calls(template: Template, function: str) -> tuple[LiteralCall, ...]:
    """Return the calls of a filter or function by this name whose first own argument is a text."""
    calls = [
        call
        for node in walk_nodes(template)
        if isinstance(node, Call) and node.function.name == function
        for call in _literal_call(node)
    ]
    return tuple(sorted(calls, key=lambda call: call.offset))


def _path(node: Node) -> tuple[str, ...]:
    """Return ("order", "address", "city"), or () for a node that is not a name with constant keys."""
    keys: list[str] = []
    while not isinstance(node, Name):
        if isinstance(node, Attribute):
            keys.append(node.key)
        elif isinstance(node, Item) and isinstance(node.key, Constant):
            if not isinstance(node.key.value, str):
                return ()
            keys.append(node.key.value)
        else:
            return ()
        node = node.target
    return (node.name, *reversed(keys))


def _literal_call(node: Call) -> tuple[LiteralCall, ...]:
    own = node.arguments[1:] if node.function.sort == "filter" else node.arguments
    if not own or not isinstance(own[0], Constant) or not isinstance(own[0].value, str):
        return ()
    first = own[0]
    further = sum(len(each.items) for each in own[1:] if isinstance(each, ListDisplay))
    return (
        LiteralCall(
            argument=str(first.value), further=further, offset=first.offset, length=first.length
        ),
    )
