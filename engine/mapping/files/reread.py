"""A YAML text read again after a change: the blocks of its root that are the same are not parsed anew.

What comes out equals what `read_yaml` returns for the whole text; where that is not certain, it is left to
`read_yaml`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...findings.diagnostics import Place, SourceText
from ...findings.errors import ReadError
from .nodes import Directive, Entry, ListNode, MapNode, Node, Scalar
from .parse_yaml import read_yaml

# A block begins where a key stands at the start of a line.
_BLOCK = re.compile(r"^[A-Za-z_][\w-]*:(?=[ \r\n]|\Z)", re.MULTILINE)
# Marks of documents and directives concern the whole text, and so does a byte order mark.
_WHOLE = re.compile(r"^(?:---|\.\.\.|%|\ufeff)", re.MULTILINE)
# Larger texts may be beyond a bound that counts for the whole text.
_LARGEST = 50_000


def reread_yaml(text: SourceText, before: MapNode) -> MapNode | None:
    """Return the root of a text, of which `before` is the root before a change; None where it has to be read whole."""
    old = before.place.text
    if max(len(text.content), len(old.content)) > _LARGEST or _WHOLE.search(text.content):
        return None
    olds, news = _split(old.content), _split(text.content)
    if [entry.key.span[0] for entry in before.entries] != _starts(olds):
        return None
    first, last = _count_same(olds, news), _count_same(olds[::-1], news[::-1])
    last = min(last, len(news) - first, len(olds) - first)
    # The first block gives the root its place.
    if first < 2:
        return None
    changed = _read_changed(text, news[first : len(news) - last], sum(map(len, news[:first])))
    if changed is None:
        return None
    head, tail = before.entries[: first - 1], before.entries[len(olds) - 1 - last :]
    lines = text.content.count("\n") - old.content.count("\n")
    further = _Shift(text, lines, len(text.content) - len(old.content))
    entries = (*_Shift(text).entries(head), *changed, *further.entries(tail))
    if len({entry.name for entry in entries}) != len(entries):
        return None
    return MapNode(entries, replace(before.place, text=text))


def _split(content: str) -> list[str]:
    """Split a text into what comes before its first block, and its blocks."""
    starts = [match.start() for match in _BLOCK.finditer(content)]
    return [
        content[start:end] for start, end in zip([0, *starts], [*starts, len(content)], strict=True)
    ]


def _starts(parts: Sequence[str]) -> list[int]:
    """Return where the blocks begin."""
    found, at = [], len(parts[0])
    for part in parts[1:]:
        found.append(at)
        at += len(part)
    return found


def _count_same(olds: Sequence[str], news: Sequence[str]) -> int:
    count = 0
    for old, new in zip(olds, news, strict=False):
        if old != new:
            break
        count += 1
    return count


def _read_changed(text: SourceText, parts: Sequence[str], start: int) -> tuple[Entry, ...] | None:
    """Read the changed blocks by themselves; None where one of them is no block by itself."""
    entries: list[Entry] = []
    for part in parts:
        alone = SourceText(text.name, part)
        try:
            root = read_yaml(alone)
        except ReadError:
            return None
        if not isinstance(root, MapNode) or len(root.entries) != 1:
            return None
        entries += _Shift(text, text.content.count("\n", 0, start), start).entries(root.entries)
        start += len(part)
    return tuple(entries)


@dataclass(frozen=True, slots=True)
class _Shift:
    """Copies nodes into another text, some lines and characters further on."""

    text: SourceText
    lines: int = 0
    characters: int = 0

    def entries(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Return copies of entries."""
        return tuple(Entry(self._scalar(each.key), self._node(each.value)) for each in entries)

    def _node(self, node: Node) -> Node:
        if isinstance(node, Scalar):
            return self._scalar(node)
        place, directive = self._place(node.place), self._directive(node.directive)
        if isinstance(node, ListNode):
            items = tuple(self._node(item) for item in node.items)
            return ListNode(items, place, directive)
        return MapNode(self.entries(node.entries), place, directive)

    def _scalar(self, node: Scalar) -> Scalar:
        start, end = node.span
        return Scalar(
            value=node.value,
            place=self._place(node.place),
            text=node.text,
            style=node.style,
            span=(start + self.characters, end + self.characters),
            directive=self._directive(node.directive),
        )

    def _place(self, place: Place) -> Place:
        return Place(
            text=self.text, line=place.line + self.lines, column=place.column, length=place.length
        )

    def _directive(self, directive: Directive | None) -> Directive | None:
        if directive is None:
            return None
        return Directive(directive.verb, directive.name, self._place(directive.place))
