"""An overlay applied to a mapping: maps merge, scalars and lists replace.

Pure: nodes in, a new node and findings out. Every node and key keeps its
place, which is the origin of the entry. Merging is associative as long as no
key changes between a map and a leaf; a chain of files is merged from the first
to the last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from ...findings.diagnostics import Finding, Place, Severity
from ...findings.fixes import fix_word
from ...findings.quote import Suggestion, is_one_slip, quoted, suggest
from .changes import Change, Path
from .nodes import Directive, Entry, ListNode, MapNode, Node, Scalar, Verb

_BARE_KEY = re.compile(r"[\w-]+")
# Comparing names is slow, and more suggestions are of no use.
_MAX_HINTS, _MAX_NAMES = 50, 200
# The blocks whose entries have names that an author chose, and such blocks within them.
_NAMED = frozenset(
    ("settings", "sources", "fields", "values", "lookups", "lines", "checks", "records", "retry")
)
_NAMED_WITHIN = frozenset(("fields", "values", "after", "terms"))


@dataclass(frozen=True, slots=True)
class OverlaidMapping:
    """The merged node without directives, the findings about the overlay, and what it changed."""

    node: Node
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Notes:
    """The findings about one overlay, and what it changed."""

    findings: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def overlay(base: Node, over: Node, *, repeated: frozenset[str] = frozenset()) -> OverlaidMapping:
    """Apply the overlay `over` to `base`.

    Keys keep the order of `base`; new ones follow in the order of `over`, unless a directive places
    them; several entries placed after the same one keep their order of writing. A placed entry
    without a value moves the existing entry. `repeated` names root keys that every
    file declares: repeating their value is not a W0124. Findings: E0122, E0123, W0124.
    """
    notes = _Notes()
    if isinstance(base, MapNode) and isinstance(over, MapNode):
        node: Node = _merge_maps(base, over, notes, (), base.place)
    else:
        node = _overlay_node(base, over, notes, (), base.place)
    silent = {value.place for key in repeated if (value := _entry(over, key)) is not None}
    findings = (found for found in notes.findings if found.is_error or found.place not in silent)
    return OverlaidMapping(node, tuple(findings), tuple(notes.changes))


def strip_directives(node: Node) -> OverlaidMapping:
    """Return the first node of a chain without directives: it has nothing to remove or place."""
    findings: list[Finding] = []
    return OverlaidMapping(_strip_node(node, findings), tuple(findings))


def list_origins(node: Node) -> Iterator[tuple[str, Place]]:
    """Yield the dotted path of every leaf (a scalar, list or empty map) and the place of its key.

    A key with other characters than letters, digits, `_` and `-` is shown in double quotes.
    """
    yield from _list_leaves(node, "")


def _entry(node: Node, key: str) -> Node | None:
    return node.get(key) if isinstance(node, MapNode) else None


def _overlay_node(base: Node, over: Node, notes: _Notes, path: Path, at: Place) -> Node:
    both_maps = isinstance(base, MapNode) and isinstance(over, MapNode)
    if isinstance(base, MapNode) and isinstance(over, MapNode) and over.entries:
        return _merge_maps(base, over, notes, path, at)
    if both_maps or _same(base, over):
        notes.findings.append(_no_change_finding(over))
        return base
    return _strip_node(over, notes.findings)


def _merge_maps(base: MapNode, over: MapNode, notes: _Notes, path: Path, at: Place) -> MapNode:
    """Merge two maps; `at` is the place of the key that has the base map."""
    first = len(notes.findings)
    entries = {entry.name: entry for entry in base.entries}
    for entry in over.entries:
        _apply_entry(entries, entry, notes, (*path, entry.name))
    chain = _Chain.of(entries)
    placed = {
        entry.name: entry.value.directive
        for entry in over.entries
        if entry.value.directive is not None and entry.name in entries
    }
    while placed:
        _place_with_neighbours(chain, placed, notes.findings)
    for index, finding in enumerate(notes.findings[first:], first):
        if finding.is_error and not finding.related:
            notes.findings[index] = replace(finding, related=((at, "the map is here"),))
    return MapNode(tuple(entries[name] for name in chain), over.place)


def _apply_entry(entries: dict[str, Entry], entry: Entry, notes: _Notes, path: Path) -> None:
    name, directive = entry.name, entry.value.directive
    below = entries.get(name)
    if directive is not None and directive.verb is Verb.REMOVE:
        entries.pop(name, None)
        if below is None:
            finding = _nothing_to_remove_finding(name, directive, entries, notes.findings)
            notes.findings.append(finding)
        else:
            notes.changes.append(Change(path, entry.key, below, after=None))
    elif below is None and directive is not None and _is_unwritten(entry.value):
        finding = _nothing_to_place_finding(entry, directive, entries, notes.findings)
        notes.findings.append(finding)
    elif below is None:
        notes.findings.extend(_find_misspelled(entry.key, path, entries))
        value = _strip_node(entry.value, notes.findings)
        entries[name] = Entry(entry.key, value)
        notes.changes.append(Change(path, entry.key, None, after=value))
    elif directive is None or not (_is_unwritten(entry.value) or _same(below.value, entry.value)):
        value = _overlay_node(below.value, entry.value, notes, path, below.key.place)
        if value is below.value:
            return
        is_amended = isinstance(value, MapNode) and isinstance(below.value, MapNode)
        entries[name] = Entry(below.key if is_amended else entry.key, value)
        if not is_amended:
            notes.changes.append(Change(path, entry.key, below, after=value))


def _strip_node(node: Node, findings: list[Finding]) -> Node:
    if isinstance(node, MapNode):
        entries = tuple(_strip_entries(node, findings))
        return MapNode(entries, node.place)
    if isinstance(node, ListNode):
        return ListNode(tuple(_strip_node(item, findings) for item in node.items), node.place)
    return node if node.directive is None else replace(node, directive=None)


def _strip_entries(node: MapNode, findings: list[Finding]) -> Iterator[Entry]:
    for entry in node.entries:
        directive = entry.value.directive
        if directive is not None and directive.verb is Verb.REMOVE:
            findings.append(_nothing_to_remove_finding(entry.name, directive, (), findings))
            continue
        if directive is not None:
            findings.append(_nothing_below_finding(directive))
        if directive is None or not _is_unwritten(entry.value):
            yield Entry(entry.key, _strip_node(entry.value, findings))


def _place_with_neighbours(
    chain: _Chain, placed: dict[str, Directive], findings: list[Finding]
) -> None:
    """Place the first entry of `placed`, after the entries that its position refers to."""
    name = next(iter(placed))
    waiting: dict[str, Directive] = {}
    while name in placed:
        waiting[name] = placed.pop(name)
        name = waiting[name].name
    if name in waiting:
        last, directive = waiting.popitem()
        findings.append(_no_neighbour_finding(last, directive, chain, findings))
    for last, directive in reversed(waiting.items()):
        if directive.name in chain.after:
            chain.move(last, directive)
        else:
            findings.append(_no_neighbour_finding(last, directive, chain, findings))


def _no_neighbour_finding(
    name: str, directive: Directive, chain: _Chain, findings: list[Finding]
) -> Finding:
    if directive.name in chain.after:
        message = (
            f"{quoted(name)} cannot be placed next to {quoted(directive.name)}, "
            "whose position depends on it"
        )
        return Finding(
            code="E0123",
            message=message,
            place=directive.place,
            hint="name an entry that is not moved itself",
        )
    message = f"there is no entry {quoted(directive.name)} in this map"
    known = [entry for entry in chain if entry != name]
    suggestion = _suggest(directive.name, known, findings)
    return Finding(
        code="E0123",
        message=message,
        place=directive.place,
        hint=suggestion.hint,
        fix=fix_word(directive.place, suggestion),
    )


@dataclass(frozen=True, slots=True)
class _Chain:
    """The names of a map in order, doubly linked; None is before the first and after the last."""

    after: dict[str | None, str | None]
    before: dict[str | None, str | None]
    tails: dict[str, str]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Chain:
        """Link the names in the given order."""
        ring = [None, *names, None]
        pairs = list(pairwise(ring))
        return cls(dict(pairs), {right: left for left, right in pairs}, {})

    def move(self, name: str, directive: Directive) -> None:
        """Move `name` to the position of its directive."""
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


def _same(base: Node, over: Node) -> bool:
    if isinstance(base, Scalar) and isinstance(over, Scalar):
        alike = type(base.value) is type(over.value) and base.value == over.value
        return alike and (not isinstance(base.value, Decimal) or base.text == over.text)
    if isinstance(base, ListNode) and isinstance(over, ListNode):
        pairs = zip(base.items, over.items, strict=False)
        return len(base.items) == len(over.items) and all(_same(*pair) for pair in pairs)
    if isinstance(base, MapNode) and isinstance(over, MapNode):
        values = zip(base.entries, over.entries, strict=False)
        return base.keys() == over.keys() and all(_same(a.value, b.value) for a, b in values)
    return False


def _no_change_finding(over: Node) -> Finding:
    message = "the override changes nothing: the value is the same without it"
    return Finding(
        code="W0124", message=message, place=over.place, hint="delete it", severity=Severity.WARNING
    )


def _nothing_to_remove_finding(
    name: str, directive: Directive, names: Iterable[str], findings: list[Finding]
) -> Finding:
    suggestion = _suggest(name, names, findings)
    return Finding(
        code="E0122",
        message=f"there is no entry {quoted(name)} to remove",
        place=directive.place,
        hint=suggestion.hint,
        fix=fix_word(directive.place, suggestion),
    )


def _nothing_to_place_finding(
    entry: Entry, directive: Directive, names: Iterable[str], findings: list[Finding]
) -> Finding:
    suggestion = _suggest(entry.name, names, findings)
    return Finding(
        code="E0123",
        message=f"there is no entry {quoted(entry.name)} to place",
        place=entry.key.place,
        hint=suggestion.hint or f"write it beside {quoted(str(directive))}",
        fix=fix_word(entry.key.place, suggestion),
    )


def _find_misspelled(key: Scalar, path: Path, names: Mapping[str, Entry]) -> Iterator[Finding]:
    """Yield a warning about an added entry that seems to be one of the earlier files, misspelled."""
    is_within = path[0] in _NAMED and bool(_NAMED_WITHIN.intersection(path[-2:-1]))
    is_named = is_within or (path[0] in _NAMED and len(path) == 2)
    if not is_named or len(names) > _MAX_NAMES:
        return
    for near in (name for name, entry in names.items() if is_one_slip(key.text, name)):
        at = names[near].key.place
        if at.text is key.place.text or _without_end(near) == _without_end(key.text):
            continue
        yield Finding(
            code="W0128",
            message=f"{quoted(key.text)} is added beside {quoted(near)}",
            place=key.place,
            hint=f"did you mean {near}?",
            severity=Severity.WARNING,
            related=((at, f"{quoted(near)} is here"),),
        )


def _without_end(name: str) -> str:
    """Return a name without a number or the plural's s: `tax_2` and `tax_3` are two names on purpose."""
    return name.rstrip("s_0123456789")


def _nothing_below_finding(directive: Directive) -> Finding:
    without = f"`{directive}`" if directive.is_key else "the tag"
    return Finding(
        code="E0123",
        message=f"{quoted(str(directive))} refers to no entry",
        place=directive.place,
        hint=f"no other file has this map: write the entry where it belongs, without {without}",
    )


def _suggest(name: str, names: Iterable[str], findings: list[Finding]) -> Suggestion:
    return suggest(name, names if len(findings) < _MAX_HINTS else ())


def _list_leaves(node: Node, path: str) -> Iterator[tuple[str, Place]]:
    if not isinstance(node, MapNode):
        return
    for entry in node.entries:
        name = entry.name if _BARE_KEY.fullmatch(entry.name) else json.dumps(entry.name)
        below = f"{path}.{name}" if path else name
        if isinstance(entry.value, MapNode) and entry.value.entries:
            yield from _list_leaves(entry.value, below)
        else:
            yield below, entry.key.place
