"""Finds the entries of a mapping that cause a difference: what was changed, of what the field is made of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...findings.diagnostics import Place
from ...mapping.files.nodes import MapNode
from ...service.shadow.compare import MISSING, FieldDifference
from .changed_entries import (
    ChangedEntry,
    MappingVersion,
    Path,
    key_text,
    list_changed_entries,
    show_place,
)
from .plan_reads import Part, is_within, list_reached, list_reads
from .stop_reasons import StopReason

SEVERAL, UNKNOWN = "several", "unknown"
# What decides whether a line or a record is written, in contrast to what stands in it.
_CONDITIONS = ("if", "for")


@dataclass(frozen=True, slots=True)
class CausingEntry:
    """The changed entry that a difference comes from, with its place; or `several`, or `unknown`.

    `names` are the entries that it may be, if there are several.
    """

    name: str
    at: str | None = None
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class CauseFinder:
    """The changed entries of a mapping and what its parts read, on both sides; causes found are kept."""

    entries: Sequence[ChangedEntry]
    reads: Mapping[Part, frozenset[Part]]
    parts: Mapping[str, Path]
    _reached: dict[Path, tuple[ChangedEntry, ...]] = field(default_factory=dict)

    def find(self, difference: FieldDifference) -> CausingEntry:
        """Return the cause of a difference in a field."""
        path = tuple(part for part in difference.rule.path.replace("[]", "").split(".") if part)
        is_whole = _is_whole(path, difference)
        found = self._list_written(path, is_whole=is_whole) or self._list_reached(
            path, is_whole=is_whole
        )
        values = difference.live, difference.shadow
        if len(found) > 1 and MISSING not in values:
            pair = (key_text(values[0]), key_text(values[1]))
            found = [entry for entry in found if pair in entry.cells] or found
        return self._conclude(found)

    def find_of_stop(self, stop: StopReason) -> CausingEntry:
        """Return the cause that an order has no payloads."""
        path = stop.part or self.parts.get(show_place(stop.place) or "", ())
        found = self._list_written(path, is_whole=False) if path else []
        found = found or (self._list_reached(path, is_whole=False) if path else [])
        return self._conclude(found or list(self.entries))

    def _list_written(self, path: Path, *, is_whole: bool) -> list[ChangedEntry]:
        """Return the changed entries at a path, above or below it."""
        return [
            entry
            for entry in self.entries
            if is_within(path, entry.path)
            or (
                is_within(entry.path, path)
                and (not is_whole or entry.path[len(path)] in _CONDITIONS)
            )
        ]

    def _list_reached(self, path: Path, *, is_whole: bool) -> list[ChangedEntry]:
        if path not in self._reached:
            start = {part for part in self.reads if is_within(path, part)}
            wanted = _CONDITIONS if is_whole else None
            start |= {
                part
                for part in self.reads
                if is_within(part, path)
                and (wanted is None or part == path or part[len(path)] in wanted)
            }
            reached = list_reached(self.reads, start or {path})
            self._reached[path] = tuple(
                entry
                for entry in self.entries
                if any(
                    is_within(entry.path, part) or is_within(part, entry.path) for part in reached
                )
            )
        return list(self._reached[path])

    def _conclude(self, found: Sequence[ChangedEntry]) -> CausingEntry:
        found = found or (self.entries if len(self.entries) == 1 else ())
        if len(found) == 1:
            return CausingEntry(found[0].name, found[0].at)
        if not found:
            return CausingEntry(UNKNOWN) if not self.entries else _name_several(self.entries)
        return _name_several(found)


def make_cause_finder(old: MappingVersion, new: MappingVersion) -> CauseFinder:
    """Return the finder for two versions of a mapping."""
    reads = {part: set(read) for part, read in list_reads(old.plan).items()}
    for part, read in list_reads(new.plan).items():
        reads.setdefault(part, set()).update(read)
    return CauseFinder(
        entries=list_changed_entries(old, new),
        reads={part: frozenset(read) for part, read in reads.items()},
        parts=dict(_list_places(old.node, ())) | dict(_list_places(new.node, ())),
    )


def make_one_sided(name: str, old: str | None, new: str | None) -> CauseFinder:
    """Return the finder for a mapping that only one side has, at that place in its tenant's file."""
    entry = ChangedEntry(
        path=("mappings", name),
        at=new or old,
        before=None if old is None else name,
        now=None if new is None else name,
    )
    return CauseFinder(entries=(entry,), reads={}, parts={})


def _is_whole(path: Path, difference: FieldDifference) -> bool:
    """Whether a difference is a whole line or record, on one side only."""
    is_one_sided = MISSING in (difference.live, difference.shadow)
    return (
        is_one_sided
        and path[:1] in (("lines",), ("records",))
        and not {"body", "confirm"} & {*path}
    )


def _name_several(found: Sequence[ChangedEntry]) -> CausingEntry:
    """Return the cause of several entries: the table whose rows they are, or `several`."""
    tables = {entry.path[:2] for entry in found}
    if len(tables) == 1 and all(
        entry.path[0] == "lookups" and len(entry.path) > 2 for entry in found
    ):
        return CausingEntry(
            f"{'.'.join(tables.pop())} ({len(found):,} rows)", found[0].at, _names(found)
        )
    return CausingEntry(SEVERAL, None, _names(found))


def _names(found: Iterable[ChangedEntry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.name for entry in found))[:5]


def _list_places(node: MapNode, path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the path of the entry at each place `file:line`; the innermost one last."""
    for entry in node.entries:
        inner = (*path, entry.name)
        yield _show(entry.key.place), inner
        if isinstance(entry.value, MapNode):
            yield from _list_places(entry.value, inner)
        else:
            yield _show(entry.value.place), inner


def _show(place: Place) -> str:
    return f"{place.text.name}:{place.line}"
