"""What has to be asked for the page behind what there is, and whether that is what came. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import IntValueNode, VariableNode

from ..mapping.plan.selection import Selection
from .connection_places import (
    OuterConnection,
    Spot,
    alone,
    bare,
    likeness,
    outers_in,
    spot_of,
    value_at,
)
from .merge_pages import Connection, count_of, cursor_of
from .page_query import Arguments, arguments_at, narrowed, variables_of
from .queries import Query


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What was asked: a query, its variables, and what it selects."""

    query: Query
    variables: Mapping[str, object]
    selection: Selection


@dataclass(frozen=True, slots=True)
class ConnectionPlace:
    """A connection of the answer's data, the connections around it, and how these are narrowed.

    `around` are, by depth, the arguments with which a connection gives only the entry on the way.
    """

    spot: Spot
    outers: tuple[OuterConnection, ...]
    around: Mapping[int, Arguments]
    data: object

    @property
    def selection(self) -> Selection:
        """What is selected of the connection."""
        return self.spot[-1].selection


@dataclass(frozen=True, slots=True)
class NextPage:
    """The query for the page behind, its variables, and whether it goes by a cursor."""

    query: Query
    variables: Mapping[str, object]
    by_cursor: bool


def place_of(path: str, data: object, asked: PageRequest) -> ConnectionPlace | None:
    """The place of a connection in the answer; None where it cannot be asked for alone."""
    spot = spot_of(path, asked.selection)
    outers = outers_in(spot) if spot else None
    if spot is None or outers is None or not spot[-1].selection.is_connection:
        return None
    around: dict[int, Arguments] = {}
    for outer in outers:
        base = _offset(_keys(spot[: outer.at + 1]), asked)
        entry = spot[outer.at + 1].entry
        if base is None or entry is None or not _is_distinct(spot, outer, data):
            return None
        around[outer.at] = {"first": 1, "offset": base + entry}
    return ConnectionPlace(spot, outers, around, data)


def following(so_far: Connection, place: ConnectionPlace, asked: PageRequest) -> NextPage | None:
    """What to ask for the page behind what there is so far; None when it cannot be asked for."""
    start = _start(so_far, place, asked)
    if start is None:
        return None
    changes = {**place.around, len(place.spot) - 1: start}
    plain = [outer.node + 1 for outer in place.outers]
    query = narrowed(asked.query, _keys(place.spot), changes, plain)
    if query is None:
        return None
    names = variables_of(query)
    given = {name: value for name, value in asked.variables.items() if name in names}
    return NextPage(query, given, by_cursor="after" in start)


def page_in(answer: object, place: ConnectionPlace) -> Connection | None:
    """The connection in the answer to `following`; None when it is not the one asked for."""
    if not isinstance(answer, dict) or answer.get("errors"):
        return None
    data = answer.get("data")
    here = alone(place.spot, place.outers)
    for outer in place.outers:
        entries = value_at(data, bare(here[: outer.at + 2]))
        node = outer.node + 1
        asked_for = likeness(value_at(place.data, place.spot[:node]), here[outer.node].selection)
        came = likeness(value_at(data, here[:node]), here[outer.node].selection)
        if not (isinstance(entries, list) and len(entries) == 1 and asked_for == came):
            return None
    page = value_at(data, here)
    return page if isinstance(page, dict) else None


def _is_distinct(spot: Spot, outer: OuterConnection, data: object) -> bool:
    """Whether the plain values of an entry tell it from all the others of its connection."""
    listed, selection = outer.at + 1, spot[outer.node].selection
    entries = value_at(data, bare(spot[: listed + 1]))
    if not isinstance(entries, list):
        return False
    between = spot[listed + 1 : outer.node + 1]
    mine = likeness(value_at(data, spot[: outer.node + 1]), selection)
    alike = sum(likeness(value_at(entry, between), selection) == mine for entry in entries)
    return mine is not None and alike == 1


def _start(so_far: Connection, place: ConnectionPlace, asked: PageRequest) -> Arguments | None:
    """Behind the last cursor, else behind as many entries as there are; from the back, neither."""
    keys, takes = _keys(place.spot), place.selection.takes
    if arguments_at(asked.query, keys).keys() & {"before", "last"}:
        return None
    cursor = cursor_of(so_far, place.selection)
    if cursor is not None and "after" in takes:
        return {"after": cursor, "offset": None}
    count, base = count_of(so_far, place.selection), _offset(keys, asked)
    if count is None or base is None or "offset" not in takes:
        return None
    return {"offset": base + count}


def _offset(keys: Sequence[str], asked: PageRequest) -> int | None:
    """How many entries the query leaves out at the front; None when it does not count from there."""
    arguments = arguments_at(asked.query, keys)
    if arguments.keys() & {"after", "before", "last"}:
        return None
    if "offset" not in arguments:
        return 0
    value = arguments["offset"].value
    if isinstance(value, IntValueNode):
        return int(value.value)
    given = asked.variables.get(value.name.value) if isinstance(value, VariableNode) else None
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _keys(spot: Spot) -> tuple[str, ...]:
    return tuple(step.key for step in spot)
