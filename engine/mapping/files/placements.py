"""The keys `$remove`, `$before` and `$after` of a map become directives on its entries. Pure.

`$remove: [a, b]` deletes entries, `$before: {a: b}` and `$after: {a: b}` place them. It is the spelling
that JSON Schemas and editors know; the tags `!remove`, `!before:NAME` and `!after:NAME` mean the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from ...findings.diagnostics import Finding
from ...findings.quote import quoted
from .nodes import Directive, Entry, ListNode, MapNode, Node, Scalar, Verb

PLACEMENT_KEYS = {f"${verb}": verb for verb in Verb}

_NEIGHBOURS = "a map from each entry to its neighbour", "{NAME: NEIGHBOUR}"
_FORMS = {
    Verb.REMOVE: ("a list of names", "[NAME, …]"),
    Verb.BEFORE: _NEIGHBOURS,
    Verb.AFTER: _NEIGHBOURS,
}


def read_placements(root: MapNode) -> tuple[MapNode, tuple[Finding, ...]]:
    """Return the node with directives in place of the three keys, in every map of it, and the findings.

    The placed entries of a map follow its others, in the order in which `$before` and `$after` name them;
    one that the map does not hold has no value, and is moved. Findings: E0202, E0206.
    """
    reading = _Reading()
    node = reading.convert(root)
    assert isinstance(node, MapNode), "a map stays a map"
    return node, tuple(reading.findings)


@dataclass(slots=True)
class _Reading:
    """The findings of one file so far."""

    findings: list[Finding] = field(default_factory=list)

    def convert(self, node: Node) -> Node:
        if isinstance(node, MapNode):
            return self._convert_map(node)
        if isinstance(node, ListNode):
            return replace(node, items=tuple(map(self.convert, node.items)))
        return node

    def _convert_map(self, node: MapNode) -> MapNode:
        entries = [
            Entry(entry.key, self.convert(entry.value))
            for entry in node.entries
            if entry.name not in PLACEMENT_KEYS
        ]
        directives = [
            found
            for entry in node.entries
            if entry.name in PLACEMENT_KEYS
            for found in self._read_key(entry)
        ]
        if not directives:
            return replace(node, entries=tuple(entries))
        return replace(node, entries=self._attach(entries, directives))

    def _attach(
        self, entries: list[Entry], directives: list[tuple[Scalar, Directive]]
    ) -> tuple[Entry, ...]:
        """Return the entries, then those with a directive: an entry of the map, or one without a value."""
        written = {entry.name: entry for entry in entries}
        directed: dict[str, Entry] = {}
        for name, directive in directives:
            entry = written.get(name.text)
            clash = _clash(entry, directive, directed.get(name.text))
            if clash is not None:
                hint = "keep one of the two"
                self.findings.append(Finding("E0206", clash, place=name.place, hint=hint))
                continue
            entry = entry or Entry(name, Scalar(None, name.place, ""))
            directed[name.text] = Entry(entry.key, replace(entry.value, directive=directive))
        others = (entry for entry in entries if entry.name not in directed)
        return (*others, *directed.values())

    def _read_key(self, entry: Entry) -> Iterator[tuple[Scalar, Directive]]:
        """Yield each named entry with its directive."""
        verb = PLACEMENT_KEYS[entry.name]
        names = _list_names(verb, entry.value)
        if names is None:
            takes, form = _FORMS[verb]
            message = f"{quoted(entry.name)} takes {takes}"
            hint = f"write `{entry.name}: {form}`"
            self.findings.append(Finding("E0202", message, place=entry.value.place, hint=hint))
            return
        for name, neighbour in names:
            beside = "" if verb is Verb.REMOVE else neighbour.text
            yield name, Directive(verb, beside, neighbour.place, is_key=True)


def _list_names(verb: Verb, node: Node) -> list[tuple[Scalar, Scalar]] | None:
    """Return the named entries with their neighbours, itself for `$remove`; None for another form."""
    if verb is Verb.REMOVE:
        items = node.items if isinstance(node, ListNode) else (node,)
        pairs = [(item, item) for item in items if _is_name(item)]
        return pairs if len(pairs) == len(items) else None
    if not isinstance(node, MapNode):
        return None
    pairs = [(entry.key, entry.value) for entry in node.entries if _is_name(entry.value)]
    return pairs if len(pairs) == len(node.entries) else None


def _is_name(node: Node) -> TypeGuard[Scalar]:
    """Whether a node can name an entry: every key is a text, so `1` and `true` name one, null does not."""
    return isinstance(node, Scalar) and node.value is not None and node.directive is None


def _clash(entry: Entry | None, directive: Directive, other: Entry | None) -> str | None:
    """Return why a directive cannot apply to an entry, if so."""
    if other is not None and other.value.directive is not None:
        shown = quoted(other.name)
        return f"{shown} is named by {other.value.directive} and by {directive}"
    if entry is None:
        return None
    if entry.value.directive is not None:
        return f"{quoted(entry.name)} has the tag {entry.value.directive}, and {directive} names it"
    if directive.verb is Verb.REMOVE:
        return f"{quoted(entry.name)} is removed and written in the same map"
    return None
