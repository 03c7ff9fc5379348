"""Joins a connection's value with its next page, if the two fit together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..mapping.plan.selection import Selection

Connection = dict[str, object]

_NODE_LISTS = frozenset({"edges", "nodes"})
_END_FIELDS = frozenset({"hasNextPage", "endCursor"})
_IDENTITIES = frozenset({"id", "nodeId", "cursor"})
_LONGEST_CURSOR = 2_000


def has_next_page(connection: Connection, selection: Selection) -> bool:
    """Whether the connection clearly reports more entries."""
    return set(_read_page_info(connection, selection, "hasNextPage")) == {True}


def is_last_page(connection: Connection, selection: Selection) -> bool:
    """Whether the connection clearly reports no more entries."""
    return set(_read_page_info(connection, selection, "hasNextPage")) == {False}


def read_cursor(connection: Connection, selection: Selection) -> str | None:
    """Return the cursor of its last entry, if the query selects it."""
    for value in _read_page_info(connection, selection, "endCursor"):
        if isinstance(value, str) and 0 < len(value) <= _LONGEST_CURSOR:
            return value
    return None


def count_entries(connection: Connection, selection: Selection) -> int | None:
    """Return the number of its entries; None when that is not clear."""
    lists = [connection.get(key) for key in _find_keys(selection, _NODE_LISTS)]
    counts = {len(entries) for entries in lists if isinstance(entries, list)}
    is_clear = len(counts) == 1 and all(isinstance(entries, list) for entries in lists)
    return counts.pop() if is_clear else None


def join_page(
    before: Connection, page: Connection, selection: Selection, *, by_cursor: bool
) -> Connection | None:
    """Return both as one value; None when the page is empty or repeats entries.

    The beginning (`startCursor`, `totalCount`) comes from `before`, the end from the page. `by_cursor`
    means that the page was requested with `after`, not by an offset.
    """
    if not count_entries(page, selection) or not _is_next_page(
        before, page, selection, by_cursor=by_cursor
    ):
        return None
    whole = dict(before)
    for key in _find_keys(selection, _NODE_LISTS):
        whole[key] = [*_get_entries(before, key), *_get_entries(page, key)]
    for key in _find_keys(selection, frozenset({"pageInfo"})):
        first, last = before.get(key), page.get(key)
        assert isinstance(first, dict)
        if not isinstance(last, dict):
            return None
        ending = [name for name in _find_keys(selection.children[key], _END_FIELDS) if name in last]
        whole[key] = {**first, **{name: last[name] for name in ending}}
    return whole


def _is_next_page(
    before: Connection, page: Connection, selection: Selection, *, by_cursor: bool
) -> bool:
    """Whether a page is the next one: same total, other entries, another cursor."""
    totals = _find_keys(selection, frozenset({"totalCount"}))
    if any(before.get(key) != page.get(key) for key in totals):
        return False
    known = _collect_identities(before, selection)
    if known:
        return not known & _collect_identities(page, selection)
    if by_cursor:
        return is_last_page(page, selection) or read_cursor(before, selection) != read_cursor(
            page, selection
        )
    # Without identities: a server that ignores the offset sends the same entries again.
    return all(
        _get_entries(before, key)[-len(_get_entries(page, key)) :] != _get_entries(page, key)
        for key in _find_keys(selection, _NODE_LISTS)
    )


def _collect_identities(connection: Connection, selection: Selection) -> set[tuple[str, str]]:
    """Return the unique values of all entries, each with the path it was selected at."""
    found: set[tuple[str, str]] = set()
    for key in _find_keys(selection, _NODE_LISTS):
        inner = selection.children[key]
        for entry in _get_entries(connection, key):
            found.update(_iterate_identities(entry, inner, key))
    return found


def _iterate_identities(
    entry: object, selection: Selection, path: str
) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, Mapping):
        return
    for key, child in selection.children.items():
        value = entry.get(key)
        if child.name in _IDENTITIES and isinstance(value, str):
            yield f"{path}.{key}", value
        elif child.name == "node" and selection.name == "edges":
            yield from _iterate_identities(value, child, f"{path}.{key}")


def _read_page_info(connection: Connection, selection: Selection, name: str) -> Iterator[object]:
    """Yield a value of `pageInfo`, wherever it is selected."""
    for key in _find_keys(selection, frozenset({"pageInfo"})):
        info = connection.get(key)
        for inner in _find_keys(selection.children[key], frozenset({name})):
            value = info.get(inner) if isinstance(info, dict) else None
            yield value if isinstance(value, str | bool) else None


def _get_entries(connection: Connection, key: str) -> list[object]:
    entries = connection.get(key)
    assert isinstance(entries, list)
    return entries


def _find_keys(selection: Selection, names: frozenset[str]) -> list[str]:
    """Return the keys in the answer of the fields with these names."""
    return [key for key, child in selection.children.items() if child.name in names]
