"""The names that mappings define: which key defines which, and where a text names one without an expression. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..findings.diagnostics import Place
from ..mapping.files.nodes import Directive, MapNode, Node, Scalar
from .facts import MappingFacts, Steps

_ROLES = {
    "settings": "setting",
    "sources": "source",
    "fields": "name",
    "values": "name",
    "lookups": "lookup",
    "lines": "line group",
    "records": "record",
    "checks": "check",
    "retry": "retry rule",
}
# Texts that are a name themselves.
_NAMING = {
    ("ready", "otherwise"): "retry rule",
    ("sources", "absent"): "retry rule",
    ("checks", "of"): "record",
}
_ENTRY_BLOCKS = frozenset(("fields", "values"))


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name and what it names; `within` is the field of an entry's name, or the group that a line follows."""

    role: str
    name: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a symbol is written: where it is defined, or used."""

    symbol: Symbol
    place: Place
    is_definition: bool = False


def symbol_of_key(path: Steps) -> Symbol | None:
    """Return what the key at a path defines; None for a key of the language, and of a body."""
    if len(path) == 2 and path[0] in _ROLES:
        return Symbol(_ROLES[path[0]], path[1])
    if len(path) == 4 and path[0] == "lines" and path[2] == "after":
        return Symbol("line group", path[3], within=path[1])
    is_entry = len(path) >= 4 and path[0] == "fields" and path[-2] in _ENTRY_BLOCKS
    is_plain = len(path) == 4 or (len(path) == 6 and path[2] == "choose")
    return Symbol("entry", path[-1], within=path[1]) if is_entry and is_plain else None


def symbol_of_text(path: Steps, text: str) -> Symbol | None:
    """Return what the text at a path names, where the whole text is a name."""
    role = _NAMING.get((path[0], path[2])) if len(path) == 3 else None
    return None if role is None else Symbol(role, text)


def list_definitions(root: Node) -> Iterator[Occurrence]:
    """Yield the definitions of a file, and the names in its directives and texts."""
    waiting: list[tuple[Steps, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        for entry in node.entries if isinstance(node, MapNode) else ():
            below = (*path, entry.name)
            symbol = symbol_of_key(below)
            if symbol is not None:
                yield Occurrence(symbol, entry.key.place, is_definition=True)
            yield from _list_directed(path, entry.value)
            yield from _list_named(below, entry.value)
            if len(below) < 6:
                waiting.append((below, entry.value))


def _list_directed(path: Steps, value: Node) -> Iterator[Occurrence]:
    directive: Directive | None = value.directive
    if directive is not None and directive.name:
        symbol = symbol_of_key((*path, directive.name))
        if symbol is not None:
            start = len(f"!{directive.verb}:")
            yield Occurrence(symbol, directive.place.shifted(start, len(directive.name)))


def _list_named(path: Steps, value: Node) -> Iterator[Occurrence]:
    if isinstance(value, Scalar) and isinstance(value.value, str):
        symbol = symbol_of_text(path, value.value)
        if symbol is not None:
            yield Occurrence(symbol, value.place_at(0, len(value.value)))


def index_keys(facts: MappingFacts) -> dict[int, Symbol]:
    """Return the symbols of a merged mapping by the ids of the keys that define them, which types carry."""
    found: dict[int, Symbol] = {}
    waiting: list[tuple[Steps, Node]] = [((), facts.kept.loaded.node)]
    while waiting:
        path, node = waiting.pop()
        for entry in node.entries if isinstance(node, MapNode) else ():
            below = (*path, entry.name)
            symbol = symbol_of_key(below)
            if symbol is not None:
                found[id(entry.key)] = symbol
            if len(below) < 6:
                waiting.append((below, entry.value))
    return found
