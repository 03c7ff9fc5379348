"""A connection's value and the page behind it become one value, or do not fit together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..mapping.plan.selection import Selection

Connection = dict[str, object]

_NODE_LISTS = frozenset({"edges", "nodes"})
_OF_THE_END = frozenset({"hasNextPage", "endCursor"})
_IDENTITIES = frozenset({"id", "nodeId", "cursor"})
_LONGEST_CURSOR = 2_000


def goes_on(connection: Connection, selection: Selection) -> bool:
    """Whether it says clearly that there are more entries."""
    return set(_told(connection, selection, "hasNextPage")) == {True}


def ends(connection: Connection, selection: Selection) -> bool:
    """Whether it says clearly that there are no more entries."""
    return set(_told(connection, selection, "hasNextPage")) == {False}


def cursor_of(connection: Connection, selection: Selection) -> str | None:
    """The position behind its last entry, where the query asks for it."""
    for value in _told(connection, selection, "endCursor"):
        if isinstance(value, str) and 0 < len(value) <= _LONGEST_CURSOR:
            return value
    return None


def count_of(connection: Connection, selection: Selection) -> int | None:
    """How many entries it has; None when that is not clear."""
    lists = [connection.get(key) for key in _keys(selection, _NODE_LISTS)]
    counts = {len(entries) for entries in lists if isinstance(entries, list)}
    is_clear = len(counts) == 1 and all(isinstance(entries, list) for entries in lists)
    return counts.pop() if is_clear else None


def joined(
    before: Connection, page: Connection, selection: Selection, *, by_cursor: bool
) -> Connection | None:
    """Both as one; None when the page brings nothing new, or something that is there already.

    The beginning is told by what was before (`startCursor`, `totalCount`), the end by the page.
    `by_cursor` says that the page was asked for with `after`, not by a number of entries.
    """
    if not count_of(page, selection) or not _follows(before, page, selection, by_cursor=by_cursor):
        return None
    whole = dict(before)
    for key in _keys(selection, _NODE_LISTS):
        whole[key] = [*_entries(before, key), *_entries(page, key)]
    for key in _keys(selection, frozenset({"pageInfo"})):
        first, last = before.get(key), page.get(key)
        assert isinstance(first, dict)
        if not isinstance(last, dict):
            return None
        ending = [name for name in _keys(selection.children[key], _OF_THE_END) if name in last]
        whole[key] = {**first, **{name: last[name] for name in ending}}
    return whole


def _follows(
    before: Connection, page: Connection, selection: Selection, *, by_cursor: bool
) -> bool:
    """Whether a page is the one behind: same total, other entries, another cursor."""
    totals = _keys(selection, frozenset({"totalCount"}))
    if any(before.get(key) != page.get(key) for key in totals):
        return False
    known = _identities(before, selection)
    if known:
        return not known & _identities(page, selection)
    if by_cursor:
        return ends(page, selection) or cursor_of(before, selection) != cursor_of(page, selection)
    # Entries that nothing tells apart: a server that ignores the offset sends the same ones again.
    return all(
        _entries(before, key)[-len(_entries(page, key)) :] != _entries(page, key)
        for key in _keys(selection, _NODE_LISTS)
    )


def _identities(connection: Connection, selection: Selection) -> set[tuple[str, str]]:
    """What is unique to an entry, of all entries, with the path it was selected at."""
    found: set[tuple[str, str]] = set()
    for key in _keys(selection, _NODE_LISTS):
        inner = selection.children[key]
        for entry in _entries(connection, key):
            found.update(_identities_in(entry, inner, key))
    return found


def _identities_in(entry: object, selection: Selection, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, Mapping):
        return
    for key, child in selection.children.items():
        value = entry.get(key)
        if child.name in _IDENTITIES and isinstance(value, str):
            yield f"{path}.{key}", value
        elif child.name == "node" and selection.name == "edges":
            yield from _identities_in(value, child, f"{path}.{key}")


def _told(connection: Connection, selection: Selection, name: str) -> Iterator[object]:
    """What `pageInfo` says, wherever it is selected."""
    for key in _keys(selection, frozenset({"pageInfo"})):
        info = connection.get(key)
        for inner in _keys(selection.children[key], frozenset({name})):
            value = info.get(inner) if isinstance(info, dict) else None
            yield value if isinstance(value, str | bool) else None


def _entries(connection: Connection, key: str) -> list[object]:
    entries = connection.get(key)
    assert isinstance(entries, list)
    return entries


def _keys(selection: Selection, names: frozenset[str]) -> list[str]:
    """The keys in the answer of what is selected under one of these names."""
    return [key for key, child in selection.children.items() if child.name in names]
