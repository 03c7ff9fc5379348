"""Values that carry their causes: the shape of causes follows the shape of the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...language.lines import LineGroup, RenderedLine
from .causes import NOTHING, Cause, LineageStep, Role, SourceValue, add_step, join_causes, weaken

Key = str | int
_CONTAINERS = (dict, list, tuple, LineGroup, RenderedLine)


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """A value with its causes.

    `own` are the causes of the value itself and of everything in it; `extent` those of its size, and of the
    absence of an entry; `parts` has the entries that have causes of their own. Without `parts` all entries have
    the causes of the whole.
    """

    value: Any
    own: Cause = NOTHING
    extent: Cause = NOTHING
    parts: Mapping[Any, Traced] | None = None

    def part(self, key: Key) -> Traced:
        """Return an entry that exists."""
        found = None if self.parts is None else self.parts.get(key)
        if found is None:
            return Traced(get_part(self.value, key), self.own)
        return found.decided_by(self.own, Role.VALUE)

    def absent(self, key: Key) -> Traced:
        """Return null for an entry that does not exist, or that was left out."""
        left_out = None if self.parts is None else self.parts.get(key)
        cause = NOTHING if left_out is None else left_out.deep()
        return Traced(None, join_causes(self.truth(), cause))

    def decided_by(self, cause: Cause, role: Role = Role.DECIDES) -> Traced:
        """Return the same value with one more cause."""
        if cause is NOTHING or cause is self.own:
            return self
        own = join_causes(self.own, cause if role is Role.VALUE else weaken(role, cause))
        return replace(self, own=own)

    def truth(self) -> Cause:
        """Return the causes of what the value itself is, without its entries."""
        return join_causes(self.own, self.extent)

    def deep(self) -> Cause:
        """Return the causes of the value with all its entries."""
        if self.parts is None:
            return self.truth()
        inner = (part.deep() for key, part in self.parts.items() if _counts(self.value, key))
        return join_causes(self.own, self.extent, *inner)


@dataclass(frozen=True, slots=True, eq=False)
class Document(Traced):
    """A value of a source; its parts are made when they are asked for."""

    path: str = ""

    def part(self, key: Key) -> Traced:
        """Return an entry that exists."""
        return open_document(join_path(self.path, key), self.value[key], self.own)

    def absent(self, key: Key) -> Traced:
        """Return null for an entry that does not exist: its place is named as absent."""
        path = join_path(self.path, key)
        return Traced(
            None, join_causes(self.own, Cause((), SourceValue(path, None, is_absent=True)))
        )

    def decided_by(self, cause: Cause, role: Role = Role.DECIDES) -> Traced:
        """Return the same value with one more cause."""
        if cause is NOTHING or cause is self.own:
            return self
        own = join_causes(self.own, cause if role is Role.VALUE else weaken(role, cause))
        return replace(self, own=own)

    def deep(self) -> Cause:
        """Return the causes of the value with all its entries."""
        inner = (self.part(key).deep() for key in list_keys(self.value))
        return join_causes(self.own, self.extent, *inner)


@dataclass(frozen=True, slots=True, eq=False)
class Stepped(Traced):
    """A value that came through a step; so did each of its entries. `more` are causes added afterwards."""

    inner: Traced = field(default_factory=lambda: Traced(None))
    step: LineageStep | None = None
    more: Cause = NOTHING

    def part(self, key: Key) -> Traced:
        """Return an entry that exists."""
        return self._through(self.inner.part(key), key).decided_by(self.more, Role.VALUE)

    def absent(self, key: Key) -> Traced:
        """Return null for an entry that does not exist."""
        return self._through(self.inner.absent(key), key).decided_by(self.more, Role.VALUE)

    def decided_by(self, cause: Cause, role: Role = Role.DECIDES) -> Traced:
        """Return the same value with one more cause."""
        if cause is NOTHING or cause is self.own:
            return self
        added = cause if role is Role.VALUE else weaken(role, cause)
        return replace(self, own=join_causes(self.own, added), more=join_causes(self.more, added))

    def deep(self) -> Cause:
        """Return the causes of the value with all its entries."""
        inner = (self.part(key).deep() for key in list_keys(self.value))
        return join_causes(self.own, self.extent, *inner)

    def _through(self, part: Traced, key: Key) -> Traced:
        assert self.step is not None
        name = join_path(self.step.name, key)
        return step_through(replace(self.step, name=name, value=part.value), part)


def step_through(step: LineageStep, inner: Traced, value: object = NOTHING) -> Traced:
    """Return the value of a step, by default that which came in."""
    found = inner.value if value is NOTHING else value
    if isinstance(found, _CONTAINERS) and type(found) is type(inner.value):
        own = NOTHING if inner.own is NOTHING else add_step(step, inner.own)
        return Stepped(found, own, inner.extent, inner=inner, step=step)
    cause = inner.own if not isinstance(inner.value, _CONTAINERS) else inner.deep()
    return Traced(found, add_step(step, join_causes(cause, inner.extent)))


def open_document(path: str, value: object, own: Cause = NOTHING) -> Traced:
    """Return a value of a source, with the causes that decide about it."""
    if isinstance(value, dict | list):
        extent = Cause((), SourceValue(path, None, is_container=True))
        return Document(value, own, extent, path=path)
    return Traced(value, join_causes(Cause((), SourceValue(path, value)), own))


def join_path(path: str, key: Key) -> str:
    """Return the path of an entry."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def list_keys(value: object) -> Sequence[Key]:
    """Return the keys of all entries of a value."""
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, LineGroup):
        return range(len(value.lines))
    if isinstance(value, RenderedLine):
        return list(value.body)
    return range(len(value)) if isinstance(value, list | tuple) else ()


def list_parts(traced: Traced) -> list[Traced]:
    """Return the entries of a list, a tuple or a group of lines."""
    return [traced.part(key) for key in list_keys(traced.value)]


def get_part(value: object, key: Key) -> object:
    """Return an entry of a plain value that has it."""
    if isinstance(value, LineGroup):
        return value.groups[key] if isinstance(key, str) else value.lines[key]
    return value.body[str(key)] if isinstance(value, RenderedLine) else value[key]  # type: ignore[index] # it has entries


def _counts(value: object, key: Key) -> bool:
    """Whether an entry is part of the value: groups inside a group of lines, and lines after a line, are not."""
    if isinstance(value, RenderedLine):
        return key in value.body
    return not (isinstance(value, LineGroup) and isinstance(key, str))


def build_map(entries: Mapping[str, Traced], own: Cause = NOTHING) -> Traced:
    """Return a map of traced values."""
    return Traced(
        value={key: part.value for key, part in entries.items()},
        own=own,
        extent=NOTHING,
        parts=dict(entries),
    )


class ListBuilder:
    """Builds a list whose entries depend on what decided about the entries before them."""

    __slots__ = ("_moved", "own", "parts")

    def __init__(self, own: Cause = NOTHING) -> None:
        self.own = own
        self.parts: list[Traced] = []
        self._moved: Cause = NOTHING

    def add(self, part: Traced) -> None:
        """Add an entry."""
        self.parts.append(part.decided_by(self._moved, Role.POSITION))

    def move(self, cause: Cause) -> None:
        """Note what decides how many entries stand before those that are added later."""
        self._moved = join_causes(self._moved, cause)

    def add_all(self, listed: Traced) -> None:
        """Add the entries of a list."""
        for part in list_parts(listed):
            self.add(part)
        self.move(listed.extent)

    @property
    def extent(self) -> Cause:
        """The causes of the number of entries."""
        return weaken(Role.DECIDES, self._moved)

    def build(self, extent: Cause = NOTHING) -> Traced:
        """Return the list."""
        values = [part.value for part in self.parts]
        return Traced(
            value=values,
            own=self.own,
            extent=join_causes(self.extent, extent),
            parts=dict(enumerate(self.parts)),
        )
