"""Data read from YAML, every part with its place. Immutable values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ...findings.diagnostics import Place
from .scalars import ScalarLines, ScalarValue, locate_characters


class Verb(StrEnum):
    """The kind of a directive in an overlay."""

    REMOVE = "remove"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Directive:
    """An entry is to be removed, or placed before or after the entry `name` of its map.

    Written as a tag of the entry (`!before:NAME`), whose place it has; or, if `is_key`, by a key of the
    map (`$before: {ENTRY: NAME}`), and has the place of the name in it.
    """

    verb: Verb
    name: str
    place: Place
    is_key: bool = False

    def __str__(self) -> str:
        if self.is_key:
            return f"${self.verb}"
        return f"!{self.verb}:{self.name}" if self.name else f"!{self.verb}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: `text` as written (without quotes), `value` as interpreted.

    `style` is `""` for a plain scalar, else its first character: `'`, `"`, `|` or `>`. `span` is its
    start and end in the content of its text, quotes included.
    """

    value: ScalarValue
    place: Place
    text: str
    style: str = ""
    span: tuple[int, int] = (0, 0)
    directive: Directive | None = None

    def place_at(self, offset: int, length: int = 1) -> Place:
        """Return the place of `text[offset:offset + length]`, cut at the end of its line.

        Exact in every style for characters that are not white space.
        """
        start, end = self.span
        raw = self.place.text.content[start:end]
        if not raw:
            return self.place
        first, last = locate_characters(raw, self.style, self.text, offset=offset, length=length)
        return ScalarLines.of(self.place.text).place(start + first, start + last)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map and its value. The key's `value` and `text` are the same string."""

    key: Scalar
    value: Node

    @property
    def name(self) -> str:
        """The key."""
        return self.key.text


@dataclass(frozen=True, slots=True)
class MapNode:
    """A map, in the order of writing; its keys are unique."""

    entries: tuple[Entry, ...]
    place: Place
    directive: Directive | None = None

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, or None where the map has no such key."""
        return next((entry.value for entry in self.entries if entry.name == key), None)

    def keys(self) -> tuple[str, ...]:
        """Return the keys, in order."""
        return tuple(entry.name for entry in self.entries)


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    place: Place
    directive: Directive | None = None


Node = Scalar | MapNode | ListNode
Data = dict[str, "Data"] | list["Data"] | ScalarValue


def entries_of(node: Node | None) -> tuple[Entry, ...]:
    """Return the entries of a map; none for any other node."""
    return node.entries if isinstance(node, MapNode) else ()


def list_scalars(node: Node) -> Iterator[Scalar]:
    """Yield every value within a node, in the order of writing."""
    if isinstance(node, MapNode):
        for entry in node.entries:
            yield from list_scalars(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from list_scalars(item)
    else:
        yield node


def as_data(node: Node) -> Data:
    """Return the node as plain dicts, lists and scalars; new ones for each call."""
    if isinstance(node, MapNode):
        return {entry.name: as_data(entry.value) for entry in node.entries}
    if isinstance(node, ListNode):
        return [as_data(item) for item in node.items]
    return node.value
