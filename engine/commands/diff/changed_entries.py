"""Lists the entries of a mapping that differ between two versions, each with its place. Pure.

An entry is a leaf of the merged mapping, a row of a lookup table, or a setting of the tenant; an entry
that is only on one side is listed as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ...documents import write_json
from ...documents.exact import format_plain, is_number
from ...findings.diagnostics import Place
from ...findings.quote import shortened
from ...mapping.files.nodes import Entry, MapNode, Node, entries_of, list_scalars
from ...mapping.lookups import Row, Table
from ...mapping.plan import Plan

Path = tuple[str, ...]
# Where the order of entries is the order in which they are written or checked.
_ORDERED = frozenset(("lines", "records"))
_TEXT = 80


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """An entry such as `lookups.tax_code.USD`, with its file and line in the new version: `at`.

    A removed entry has its place in the old version. `before` and `now` are its texts, None on the side that lacks it. `cells` pairs the values of a row.
    """

    path: Path
    at: str | None
    before: str | None
    now: str | None
    cells: frozenset[tuple[str, str]] = frozenset()

    @property
    def name(self) -> str:
        """The path as it is written in messages."""
        return ".".join(self.path)

    def document(self) -> dict[str, object]:
        """Return the entry as a JSON object."""
        return {"entry": self.name, "at": self.at, "before": self.before, "now": self.now}


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """One version of a mapping: the merged node, the tenant's settings, and the plan compiled from both."""

    node: MapNode
    settings: MapNode | None
    plan: Plan


def list_changed_entries(old: MappingVersion, new: MappingVersion) -> list[ChangedEntry]:
    """Return the entries that differ, in the order of the new version."""
    tables = old.plan.tables.keys() & new.plan.tables.keys()
    within = [
        entry
        for entry in _compare_nodes(old.node, new.node, ())
        if not _is_of_table(entry.path, tables)
    ]
    settings = _compare_nodes(old.settings, new.settings, ("settings",))
    rows = (
        _compare_tables(old.plan.tables[name], new.plan.tables[name]) for name in sorted(tables)
    )
    facts = _compare_facts(old.plan.tenant_facts, new.plan.tenant_facts)
    return [*within, *settings, *chain.from_iterable(rows), *facts]


def key_text(value: object) -> str:
    """Return a value as the text by which a row's value and a payload's are compared."""
    if isinstance(value, str):
        return value
    return format_plain(value) if is_number(value) else write_json(value)


def show_place(place: Place | None) -> str | None:
    """Return a place as `file:line`."""
    return None if place is None else f"{place.text.name}:{place.line}"


def _is_of_table(path: Path, tables: frozenset[str] | set[str]) -> bool:
    """Whether an entry is within the values of a table, which is compared row by row."""
    return path[:1] == ("lookups",) and path[2:3] == ("values",) and path[1] in tables


def _compare_nodes(old: Node | None, new: Node | None, path: Path) -> Iterator[ChangedEntry]:
    if isinstance(old, MapNode) and isinstance(new, MapNode):
        before, now = _by_name(old), _by_name(new)
        for name in dict.fromkeys(chain(now, before)):
            yield from _compare_entries(before.get(name), now.get(name), (*path, name))
        if path[:1] and path[0] in _ORDERED and _is_reordered(list(before), list(now)):
            at = show_place(new.place)
            yield ChangedEntry(path=path, at=at, before=", ".join(before), now=", ".join(now))
    elif (before_text := _text_of(old)) != (now_text := _text_of(new)):
        place = new.place if new is not None else old.place if old is not None else None
        yield ChangedEntry(path=path, at=show_place(place), before=before_text, now=now_text)


def _compare_entries(old: Entry | None, new: Entry | None, path: Path) -> Iterator[ChangedEntry]:
    if old is not None and new is not None:
        yield from _compare_nodes(old.value, new.value, path)
        return
    entry = new or old
    assert entry is not None
    before = None if old is None else _text_of(old.value)
    now = None if new is None else _text_of(new.value)
    yield ChangedEntry(path=path, at=show_place(entry.key.place), before=before, now=now)


def _by_name(node: MapNode) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries_of(node)}


def _is_reordered(before: Sequence[str], now: Sequence[str]) -> bool:
    return [name for name in before if name in now] != [name for name in now if name in before]


def _text_of(node: Node | None) -> str | None:
    """Return all that is written in a node, keys included."""
    if node is None:
        return None
    if isinstance(node, MapNode):
        inner = (f"{entry.name}: {_text_of(entry.value)}" for entry in node.entries)
        return "{" + ", ".join(inner) + "}"
    return ", ".join(scalar.text for scalar in list_scalars(node))


def _compare_tables(old: Table, new: Table) -> Iterator[ChangedEntry]:
    before = {row.key: row for row in old.rows}
    now = {row.key: row for row in new.rows}
    for key in dict.fromkeys(chain(now, before)):
        was, is_ = before.get(key), now.get(key)
        if was is None or is_ is None or _cells(was) != _cells(is_):
            table, row = (old, was) if is_ is None else (new, is_)
            yield ChangedEntry(
                path=("lookups", new.name, " ".join(key)),
                at=show_place(table.origin.place_at(row.number)) if row is not None else None,
                before=_row_text(was),
                now=_row_text(is_),
                cells=_pair_cells(was, is_),
            )


def _cells(row: Row) -> Mapping[str, str]:
    """Return the cells of a row's value by column; a single value is in the column without a name."""
    if isinstance(row.value, Mapping):
        return {str(name): key_text(cell) for name, cell in row.value.items()}
    return {"": key_text(row.value)}


def _pair_cells(was: Row | None, is_: Row | None) -> frozenset[tuple[str, str]]:
    if was is None or is_ is None:
        return frozenset()
    before, now = _cells(was), _cells(is_)
    return frozenset((before[name], now[name]) for name in before.keys() & now.keys())


def _row_text(row: Row | None) -> str | None:
    if row is None:
        return None
    cells = _cells(row)
    if set(cells) == {""}:
        return cells[""]
    return shortened(", ".join(f"{name}={text}" for name, text in cells.items()), _TEXT)


def _compare_facts(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[ChangedEntry]:
    for name in dict.fromkeys(chain(new, old)):
        before, now = (write_json(facts.get(name)) for facts in (old, new))
        if before != now:
            yield ChangedEntry(path=("tenant", name), at=None, before=before, now=now)
