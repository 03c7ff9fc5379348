"""Rendered lines as the interpreter has them, made of what a compiled run keeps: only where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ....language.lines import LineGroup, RenderedLine

Bodies = Sequence[dict[str, Any]]


class Kept(NamedTuple):
    """One group's lines; `each` are, for groups behind others, the bodies behind each of their lines."""

    name: str
    sign: int
    bodies: Bodies
    behind: tuple[Kept, ...] = ()
    each: Sequence[Bodies] = ()


def build_line_group(kept: Kept) -> LineGroup:
    """The lines of a group, with those behind each."""
    lines = _lines(kept)
    found: dict[str, list[RenderedLine]] = {behind.name: [] for behind in kept.behind}
    for line in lines:
        for after in line.after:
            found[after.group].append(after)
    groups: Mapping[str, LineGroup] = {
        name: LineGroup(tuple(after), {}) for name, after in found.items()
    }
    return LineGroup(tuple(lines), groups)


def build_all_lines_group(bodies: Bodies, groups: Sequence[Kept]) -> LineGroup:
    """All lines of all groups, in the order in which they stand in the payload."""
    known: dict[int, RenderedLine] = {}
    for kept in groups:
        _remember(_lines(kept), known)
    return LineGroup(tuple(known[id(body)] for body in bodies), {})


def _lines(kept: Kept) -> list[RenderedLine]:
    behind = [(iter(_lines(each)), each.each) for each in kept.behind]
    return [
        RenderedLine(
            body,
            kept.sign,
            tuple(next(lines) for lines, each in behind for _ in each[index]),
            kept.name,
        )
        for index, body in enumerate(kept.bodies)
    ]


def _remember(lines: Sequence[RenderedLine], known: dict[int, RenderedLine]) -> None:
    for line in lines:
        known[id(line.body)] = line
        _remember(line.after, known)
