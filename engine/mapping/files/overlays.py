"""One mapping written over another: maps merge, scalars and lists replace.

Pure: nodes in, a new node and findings out. Every node and key keeps its
place, so the origin of each entry is where it stands. Merging is associative
as long as no key changes between a map and a leaf; a chain of files is merged
from the first to the last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from ...findings.diagnostics import Finding, Place, Severity
from ...findings.quote import did_you_mean, quoted
from .nodes import Directive, Entry, ListNode, MapNode, Node, Scalar, Verb

_BARE_KEY = re.compile(r"[\w-]+")
_MAX_HINTS = 50  # comparing names is slow, and nobody reads more suggestions


@dataclass(frozen=True, slots=True)
class OverlaidMapping:
    """The merged node, free of directives, and what was wrong or needless in what lies above."""

    node: Node
    findings: tuple[Finding, ...]


def overlay(base: Node, over: Node, *, repeated: frozenset[str] = frozenset()) -> OverlaidMapping:
    """`over` written over `base`.

    Keys keep the order of `base`; new ones follow in the order of `over`, unless `!before:NAME` or
    `!after:NAME` places them; several placed behind one entry keep their order of writing. A placed
    entry without a value moves the one there is. `repeated` names root keys that every file has to
    say, so saying the same again is no W0124. Findings: E0122, E0123, W0124.
    """
    findings: list[Finding] = []
    if isinstance(base, MapNode) and isinstance(over, MapNode):
        node: Node = _merged(base, over, findings)
    else:
        node = _overlaid(base, over, findings)
    silent = {value.place for key in repeated if (value := _entry(over, key)) is not None}
    return OverlaidMapping(
        node, tuple(found for found in findings if found.is_error or found.place not in silent)
    )


def strip_directives(node: Node) -> OverlaidMapping:
    """`node` as the lowest of all: there is nothing to remove or to stand next to in it."""
    findings: list[Finding] = []
    return OverlaidMapping(_settled(node, findings), tuple(findings))


def list_origins(node: Node) -> Iterator[tuple[str, Place]]:
    """The dotted path of every leaf (a scalar, list or empty map) and the place of its key.

    A key that holds more than letters, digits, `_` and `-` is shown in double quotes.
    """
    yield from _origins(node, "")


def _entry(node: Node, key: str) -> Node | None:
    return node.get(key) if isinstance(node, MapNode) else None


def _overlaid(base: Node, over: Node, findings: list[Finding]) -> Node:
    both_maps = isinstance(base, MapNode) and isinstance(over, MapNode)
    if isinstance(base, MapNode) and isinstance(over, MapNode) and over.entries:
        return _merged(base, over, findings)
    if both_maps or _same(base, over):
        findings.append(_needless(over))
        return base
    return _settled(over, findings)


def _merged(base: MapNode, over: MapNode, findings: list[Finding]) -> MapNode:
    entries = {entry.name: entry for entry in base.entries}
    for entry in over.entries:
        _put(entries, entry, findings)
    chain = _Chain.of(entries)
    placed = {
        entry.name: entry.value.directive
        for entry in over.entries
        if entry.value.directive is not None and entry.name in entries
    }
    while placed:
        _place_with_neighbours(chain, placed, findings)
    return MapNode(tuple(entries[name] for name in chain), over.place)


def _put(entries: dict[str, Entry], entry: Entry, findings: list[Finding]) -> None:
    name, directive = entry.name, entry.value.directive
    below = entries.get(name)
    if directive is not None and directive.verb is Verb.REMOVE:
        if entries.pop(name, None) is None:
            findings.append(_nothing_to_remove(name, directive, entries, findings))
    elif below is None:
        entries[name] = Entry(entry.key, _settled(entry.value, findings))
    elif directive is None or not (_is_unwritten(entry.value) or _same(below.value, entry.value)):
        value = _overlaid(below.value, entry.value, findings)
        entries[name] = below if value is below.value else Entry(entry.key, value)


def _settled(node: Node, findings: list[Finding]) -> Node:
    if isinstance(node, MapNode):
        entries = tuple(_settled_entries(node, findings))
        return MapNode(entries, node.place)
    if isinstance(node, ListNode):
        return ListNode(tuple(_settled(item, findings) for item in node.items), node.place)
    return node if node.directive is None else replace(node, directive=None)


def _settled_entries(node: MapNode, findings: list[Finding]) -> Iterator[Entry]:
    for entry in node.entries:
        directive = entry.value.directive
        if directive is not None and directive.verb is Verb.REMOVE:
            findings.append(_nothing_to_remove(entry.name, directive, (), findings))
            continue
        if directive is not None:
            findings.append(
                Finding(
                    "E0123",
                    f"{quoted(str(directive))} has nothing to stand next to",
                    directive.place,
                    "nothing is overlaid here: write the entry where it belongs, without the tag",
                )
            )
        yield Entry(entry.key, _settled(entry.value, findings))


def _place_with_neighbours(
    chain: _Chain, placed: dict[str, Directive], findings: list[Finding]
) -> None:
    """Place the first of `placed`, but before it those that it is to stand next to."""
    name = next(iter(placed))
    waiting: dict[str, Directive] = {}
    while name in placed:
        waiting[name] = placed.pop(name)
        name = waiting[name].name
    if name in waiting:
        last, directive = waiting.popitem()
        findings.append(_no_neighbour(last, directive, chain, findings))
    for last, directive in reversed(waiting.items()):
        if directive.name in chain.after:
            chain.move(last, directive)
        else:
            findings.append(_no_neighbour(last, directive, chain, findings))


def _no_neighbour(
    name: str, directive: Directive, chain: _Chain, findings: list[Finding]
) -> Finding:
    if directive.name in chain.after:
        message = (
            f"{quoted(name)} cannot stand next to {quoted(directive.name)}, which waits for it"
        )
        return Finding("E0123", message, directive.place, "name an entry that stands still")
    message = f"there is no entry {quoted(directive.name)} in this map"
    others = (other for other in chain if other != name)
    return Finding("E0123", message, directive.place, _hint(directive.name, others, findings))


@dataclass(frozen=True, slots=True)
class _Chain:
    """The names of a map in order, doubly linked; None stands before the first and after the last."""

    after: dict[str | None, str | None]
    before: dict[str | None, str | None]
    tails: dict[str, str]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Chain:
        """The names in the order given."""
        ring = [None, *names, None]
        pairs = list(pairwise(ring))
        return cls(dict(pairs), {right: left for left, right in pairs}, {})

    def move(self, name: str, directive: Directive) -> None:
        """Take `name` out, and put it where the directive says."""
        self._link(self.before[name], self.after[name])
        if directive.verb is Verb.BEFORE:
            left = self.before[directive.name]
        else:
            left = self._tail(directive.name)
            self.tails[directive.name] = name
        right = self.after[left]
        self._link(left, name)
        self._link(name, right)

    def _tail(self, name: str) -> str:
        while name in self.tails:
            name = self.tails[name]
        return name

    def __iter__(self) -> Iterator[str]:
        name = self.after[None]
        while name is not None:
            yield name
            name = self.after[name]

    def _link(self, left: str | None, right: str | None) -> None:
        self.after[left], self.before[right] = right, left


def _is_unwritten(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.text and not node.style


def _same(one: Node, other: Node) -> bool:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        alike = type(one.value) is type(other.value) and one.value == other.value
        return alike and (not isinstance(one.value, Decimal) or one.text == other.text)
    if isinstance(one, ListNode) and isinstance(other, ListNode):
        pairs = zip(one.items, other.items, strict=False)
        return len(one.items) == len(other.items) and all(_same(*pair) for pair in pairs)
    if isinstance(one, MapNode) and isinstance(other, MapNode):
        values = zip(one.entries, other.entries, strict=False)
        return one.keys() == other.keys() and all(_same(a.value, b.value) for a, b in values)
    return False


def _needless(over: Node) -> Finding:
    message = "the override says what stands there already"
    return Finding("W0124", message, over.place, "delete it", Severity.WARNING)


def _nothing_to_remove(
    name: str, directive: Directive, names: Iterable[str], findings: list[Finding]
) -> Finding:
    message = f"there is no entry {quoted(name)} to remove"
    return Finding("E0122", message, directive.place, _hint(name, names, findings))


def _hint(name: str, names: Iterable[str], findings: list[Finding]) -> str | None:
    return did_you_mean(name, names) if len(findings) < _MAX_HINTS else None


def _origins(node: Node, path: str) -> Iterator[tuple[str, Place]]:
    if not isinstance(node, MapNode):
        return
    for entry in node.entries:
        name = entry.name if _BARE_KEY.fullmatch(entry.name) else json.dumps(entry.name)
        below = f"{path}.{name}" if path else name
        if isinstance(entry.value, MapNode) and entry.value.entries:
            yield from _origins(entry.value, below)
        else:
            yield below, entry.key.place
