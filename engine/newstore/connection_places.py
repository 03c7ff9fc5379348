"""Locates a connection in an answer and in its query, and narrows both to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..mapping.plan.selection import Selection

_PART = re.compile(r"(\w+)(?:\[(\d+)\])?")
_NODE_LISTS = ("edges", "nodes")


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step down from the answer's data: a key, the entry in its list, and its selection."""

    key: str
    entry: int | None
    selection: Selection


@dataclass(frozen=True, slots=True)
class OuterConnection:
    """A connection with an entry that holds another connection.

    `at` is the index of the connection's step, `node` that of its entry.
    """

    at: int
    node: int


PathSteps = tuple[PathStep, ...]


def find_steps(path: str, selection: Selection) -> PathSteps | None:
    """Return the steps of a path of `find_truncated`; None through lists within lists."""
    found: list[PathStep] = []
    current: Selection | None = selection
    for part in path.split("."):
        match = _PART.fullmatch(part)
        current = current.child(match[1]) if match and current else None
        if match is None or current is None:
            return None
        found.append(PathStep(match[1], None if match[2] is None else int(match[2]), current))
    return tuple(found)


def find_outer_connections(steps: PathSteps) -> tuple[OuterConnection, ...] | None:
    """Return the connections around the last step; None when an entry is in another kind of list.

    A query can select an entry of a connection by its number, not an entry of a plain list.
    """
    outers: list[OuterConnection] = []
    for at, step in enumerate(steps):
        if step.entry is None:
            continue
        if at == 0 or not steps[at - 1].selection.is_connection or not _can_be_numbered(steps, at):
            return None
        outers.append(OuterConnection(at - 1, at if step.selection.name == "nodes" else at + 1))
    return tuple(outers)


def get_value(data: object, steps: Sequence[PathStep]) -> object:
    """Return the value at the end of the steps; None when the answer does not reach it."""
    value = data
    for step in steps:
        value = value.get(step.key) if isinstance(value, dict) else None
        if step.entry is not None:
            is_present = isinstance(value, list) and step.entry < len(value)
            value = value[step.entry] if is_present and isinstance(value, list) else None
    return value


def get_plain_values(entry: object, selection: Selection) -> dict[str, object] | None:
    """Return the plain values of an entry, which identify it; None when none are selected."""
    plain = [key for key, child in selection.children.items() if not child.children]
    return {key: entry.get(key) for key in plain} if plain and isinstance(entry, dict) else None


def narrow_steps(steps: PathSteps, outers: Sequence[OuterConnection]) -> PathSteps:
    """Return the steps in an answer that holds one entry of each outer connection."""
    numbered = {outer.at + 1 for outer in outers}
    return tuple(
        PathStep(step.key, 0 if at in numbered else None, step.selection)
        for at, step in enumerate(steps)
    )


def drop_last_entry(steps: PathSteps) -> PathSteps:
    """Return the steps to the list itself, not to one of its entries."""
    return (*steps[:-1], PathStep(steps[-1].key, None, steps[-1].selection))


def _can_be_numbered(steps: PathSteps, at: int) -> bool:
    """Whether a query can select the step's entry by its number from the front."""
    name, takes = steps[at].selection.name, steps[at - 1].selection.takes
    reaches_node = name == "nodes" or (
        name == "edges" and at + 1 < len(steps) and steps[at + 1].selection.name == "node"
    )
    return name in _NODE_LISTS and reaches_node and {"first", "offset"} <= {*takes}
