"""Where one connection stands: in the answer, in the query, and how it can be asked for alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..mapping.plan.selection import Selection

_PART = re.compile(r"(\w+)(?:\[(\d+)\])?")
_NODE_LISTS = ("edges", "nodes")


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step down from the answer's data: a key, in its list the entry, and what is selected."""

    key: str
    entry: int | None
    selection: Selection


@dataclass(frozen=True, slots=True)
class OuterConnection:
    """A connection around another one, in one of whose entries that one stands.

    `at` is the step of the connection, `node` that of the entry itself.
    """

    at: int
    node: int


PathSteps = tuple[PathStep, ...]


def find_steps(path: str, selection: Selection) -> PathSteps | None:
    """The steps of a path of `truncated`; None where it leads through lists within lists."""
    steps: list[PathStep] = []
    here: Selection | None = selection
    for part in path.split("."):
        match = _PART.fullmatch(part)
        here = here.child(match[1]) if match and here else None
        if match is None or here is None:
            return None
        steps.append(PathStep(match[1], None if match[2] is None else int(match[2]), here))
    return tuple(steps)


def find_outer_connections(spot: PathSteps) -> tuple[OuterConnection, ...] | None:
    """The connections around the last step; None when an entry stands in some other list.

    An entry of a connection can be asked for by its number, an entry of a bare list cannot.
    """
    outers: list[OuterConnection] = []
    for at, step in enumerate(spot):
        if step.entry is None:
            continue
        if at == 0 or not spot[at - 1].selection.is_connection or not _can_be_numbered(spot, at):
            return None
        outers.append(OuterConnection(at - 1, at if step.selection.name == "nodes" else at + 1))
    return tuple(outers)


def get_value(data: object, steps: Sequence[PathStep]) -> object:
    """What the answer holds there; None where it does not go so far."""
    here = data
    for step in steps:
        here = here.get(step.key) if isinstance(here, dict) else None
        if step.entry is not None:
            is_there = isinstance(here, list) and step.entry < len(here)
            here = here[step.entry] if is_there and isinstance(here, list) else None
    return here


def get_plain_values(entry: object, selection: Selection) -> dict[str, object] | None:
    """The plain values of an entry, by which it is known again; None when none are selected."""
    plain = [key for key, child in selection.children.items() if not child.children]
    return {key: entry.get(key) for key in plain} if plain and isinstance(entry, dict) else None


def narrow_steps(spot: PathSteps, outers: Sequence[OuterConnection]) -> PathSteps:
    """The same steps in an answer that holds only the one entry of every connection around."""
    numbered = {outer.at + 1 for outer in outers}
    return tuple(
        PathStep(step.key, 0 if at in numbered else None, step.selection)
        for at, step in enumerate(spot)
    )


def drop_last_entry(spot: PathSteps) -> PathSteps:
    """The same steps to the list itself, not to one of its entries."""
    return (*spot[:-1], PathStep(spot[-1].key, None, spot[-1].selection))


def _can_be_numbered(spot: PathSteps, at: int) -> bool:
    """Whether the step is a list of entries of a connection that counts from the front."""
    name, takes = spot[at].selection.name, spot[at - 1].selection.takes
    reaches_node = name == "nodes" or (
        name == "edges" and at + 1 < len(spot) and spot[at + 1].selection.name == "node"
    )
    return name in _NODE_LISTS and reaches_node and {"first", "offset"} <= {*takes}
