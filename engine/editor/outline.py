"""The outline of a mapping: its blocks, and the names in each. Pure."""

from __future__ import annotations

from lsprotocol import types

from ..mapping.files.nodes import Entry, ListNode, MapNode, Node, Scalar
from .facts import Steps
from .ranges import Ranges
from .symbols import symbol_of_key

_KINDS = {
    "setting": types.SymbolKind.Property,
    "source": types.SymbolKind.Interface,
    "name": types.SymbolKind.Field,
    "entry": types.SymbolKind.Field,
    "lookup": types.SymbolKind.Enum,
    "line group": types.SymbolKind.Array,
    "record": types.SymbolKind.Struct,
    "check": types.SymbolKind.Boolean,
    "retry rule": types.SymbolKind.Event,
}
_BETWEEN = frozenset(("after", "fields", "values", "choose"))


def list_outline(root: MapNode, ranges: Ranges) -> list[types.DocumentSymbol]:
    """Return the blocks of a file, with the names that each defines."""
    return [_to_symbol(entry, (entry.name,), ranges) for entry in root.entries]


def _to_symbol(entry: Entry, path: Steps, ranges: Ranges) -> types.DocumentSymbol:
    text = entry.key.place.text
    symbol = symbol_of_key(path)
    selected = ranges.between(text, *entry.key.span)
    end = max(entry.key.span[1], _end_of(entry.value))
    return types.DocumentSymbol(
        name=entry.name or "''",
        kind=types.SymbolKind.Namespace if symbol is None else _KINDS[symbol.role],
        range=ranges.between(text, entry.key.span[0], end),
        selection_range=selected,
        children=_list_children(entry.value, path, ranges) or None,
    )


def _list_children(value: Node, path: Steps, ranges: Ranges) -> list[types.DocumentSymbol]:
    entries = value.entries if isinstance(value, MapNode) and len(path) < 6 else ()
    return [
        _to_symbol(entry, below, ranges)
        for entry in entries
        if symbol_of_key(below := (*path, entry.name)) is not None
        or (entry.name in _BETWEEN and path[0] in ("fields", "lines"))
    ]


def _end_of(node: Node) -> int:
    """Return the offset where a value ends."""
    end, waiting = 0, [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Scalar):
            end = max(end, each.span[1])
        elif isinstance(each, ListNode):
            waiting += each.items
        else:
            waiting += [part for entry in each.entries for part in (entry.key, entry.value)]
    return end
