"""What overlays did to the entries of earlier files, so that a finding can name the line that is to blame. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...findings.diagnostics import Place
from .nodes import Entry, MapNode, Node, Scalar

Path = tuple[str, ...]

# Blocks whose entries are names that expressions use.
_NAMES = frozenset(("fields", "values", "sources", "join"))
_MOST_REMOVALS = 100
_LOOP = re.compile(r"\s*(\w+)\s+in\s")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of an earlier file that an overlay removed or replaced, or one that it added to a map.

    `at` is the key in the overlay, `before` the entry that was there, None for an added one. `after` is
    the value in the overlay, None for a removed entry.
    """

    path: Path
    at: Scalar
    before: Entry | None
    after: Node | None

    @property
    def is_removal(self) -> bool:
        """Whether the entry is gone."""
        return self.after is None

    @property
    def verb(self) -> str:
        """What the overlay did to an earlier entry, in one word."""
        return "removed" if self.is_removal else "replaced"


@dataclass(frozen=True, slots=True)
class Changes:
    """The last change of each entry of a mapping, and the order in which its files were applied.

    `order` has a number for each name of a text. `lost_names` are the changes by which a name of a
    field, value, source or loop is gone; `types` those that gave one another type; `queries` the words
    of each query that an overlay replaced; `removals` those that removed an entry of the map at a path.
    """

    by_path: Mapping[Path, Change] = field(default_factory=dict)
    order: Mapping[str, int] = field(default_factory=dict)
    lost_names: Mapping[str, Change] = field(default_factory=dict)
    types: Mapping[str, Change] = field(default_factory=dict)
    queries: tuple[tuple[frozenset[str], Change], ...] = ()
    removals: Mapping[Path, tuple[Change, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[Change], texts: Iterable[str]) -> Changes:
        """Return the changes of one mapping, whose files were applied in the order of `texts`."""
        by_path = {change.path: change for change in changes}
        removals: dict[Path, tuple[Change, ...]] = {}
        for change in by_path.values():
            if change.is_removal and len(removals.get(change.path[:-1], ())) < _MOST_REMOVALS:
                removals[change.path[:-1]] = (*removals.get(change.path[:-1], ()), change)
        return cls(
            by_path=by_path,
            order={name: number for number, name in enumerate(texts)},
            lost_names=dict(filter(None, map(_lost_name, by_path.values()))),
            types={name: change for change in by_path.values() if (name := _retyped_name(change))},
            queries=tuple(filter(None, map(_lost_query, by_path.values()))),
            removals=removals,
        )

    def is_later(self, place: Place, other: Place) -> bool:
        """Return whether the file of `place` was applied after that of `other`."""
        unknown = -1
        first = self.order.get(other.text.name, unknown)
        return first != unknown and self.order.get(place.text.name, unknown) > first

    def find_removal(self, path: Path) -> Change | None:
        """Return the change by which an entry is gone: its own, or that of a map around it."""
        for length in range(len(path), 0, -1):
            change = self.by_path.get(path[:length])
            if change is None or change.before is None:
                continue
            is_gone = change.is_removal or length < len(path)
            if is_gone and _has(change.before.value, path[length:]):
                return change
        return None

    def find_lost_name(self, name: str) -> Change | None:
        """Return the change by which a name of expressions is gone."""
        for block in ("fields", "values", "sources"):
            change = self.find_removal((block, name))
            if change is not None:
                return change
        return self.lost_names.get(name)

    def find_lost_selection(self, name: str) -> Change | None:
        """Return the change that replaced a query with this word."""
        return next((change for words, change in self.queries if name in words), None)


def _lost_name(change: Change) -> tuple[str, Change] | None:
    """Return the name that a change took from expressions, if it took one."""
    before = change.before
    if before is None:
        return None
    if change.is_removal and len(change.path) > 1 and change.path[-2] in _NAMES:
        return before.name, change
    if change.path[-1] == "for" and isinstance(before.value, Scalar):
        loop = _LOOP.match(str(before.value.value))
        return (loop[1], change) if loop else None
    return None


def _lost_query(change: Change) -> tuple[frozenset[str], Change] | None:
    """Return the words of the query that a change replaced."""
    before = change.before
    if before is None or change.path[-1] != "graphql" or not isinstance(before.value, Scalar):
        return None
    return frozenset(_WORD.findall(before.value.text)), change


def _retyped_name(change: Change) -> str | None:
    """Return the name of a field, value or setting that has another type by a change."""
    if len(change.path) < 2 or change.is_removal:
        return None
    if change.path[-1] == "type":
        return change.path[-2]
    is_whole = change.before is not None and change.path[-2] in _NAMES
    is_typed = isinstance(change.after, MapNode) and change.after.get("type") is not None
    return change.path[-1] if is_whole and is_typed else None


def _has(node: Node, path: Path) -> bool:
    for key in path:
        found = node.get(key) if isinstance(node, MapNode) else None
        if found is None:
            return False
        node = found
    return True
