"""Build the interpreter's LineGroup from the line bodies that a compiled run keeps, on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ....language.lines import LineGroup, RenderedLine

Bodies = Sequence[dict[str, Any]]


class KeptLines(NamedTuple):
    """One group's lines; in a group of `after` lines, `each` holds the bodies after each outer line."""

    name: str
    sign: int
    bodies: Bodies
    after_groups: tuple[KeptLines, ...] = ()
    each: Sequence[Bodies] = ()


def build_line_group(kept: KeptLines) -> LineGroup:
    """Build the lines of a group, each with its `after` lines."""
    lines = _build_lines(kept)
    return LineGroup(tuple(lines), _group_after_lines(kept, lines))


def _group_after_lines(kept: KeptLines, lines: Sequence[RenderedLine]) -> Mapping[str, LineGroup]:
    """Return the `after` lines of lines, by group name."""
    found: dict[str, list[RenderedLine]] = {group.name: [] for group in kept.after_groups}
    for line in lines:
        for after in line.after:
            found[after.group].append(after)
    return {
        group.name: LineGroup(
            tuple(found[group.name]), _group_after_lines(group, found[group.name])
        )
        for group in kept.after_groups
    }


def build_all_lines_group(bodies: Bodies, groups: Sequence[KeptLines]) -> LineGroup:
    """Build the lines of all groups, in the payload's order."""
    known: dict[int, RenderedLine] = {}
    for kept in groups:
        _index_lines(_build_lines(kept), known)
    return LineGroup(tuple(known[id(body)] for body in bodies), {})


def _build_lines(kept: KeptLines) -> list[RenderedLine]:
    after_lines = [(iter(_build_lines(each)), each.each) for each in kept.after_groups]
    return [
        RenderedLine(
            body=body,
            stored_sign=kept.sign,
            after=tuple(next(lines) for lines, each in after_lines for _ in each[index]),
            group=kept.name,
        )
        for index, body in enumerate(kept.bodies)
    ]


def _index_lines(lines: Sequence[RenderedLine], known: dict[int, RenderedLine]) -> None:
    for line in lines:
        known[id(line.body)] = line
        _index_lines(line.after, known)
