"""What has to be asked for the page behind what there is, and whether that is what came. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import IntValueNode, VariableNode

from ..mapping.plan.selection import Selection
from .connection_places import (
    OuterConnection,
    PathSteps,
    drop_last_entry,
    find_outer_connections,
    find_steps,
    get_plain_values,
    get_value,
    narrow_steps,
)
from .merge_pages import Connection, count_entries, read_cursor
from .page_query import Arguments, find_arguments, list_variables, narrow_query
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

    spot: PathSteps
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


def find_place(path: str, data: object, asked: PageRequest) -> ConnectionPlace | None:
    """The place of a connection in the answer; None where it cannot be asked for alone."""
    spot = find_steps(path, asked.selection)
    outers = find_outer_connections(spot) if spot else None
    if spot is None or outers is None or not spot[-1].selection.is_connection:
        return None
    around: dict[int, Arguments] = {}
    for outer in outers:
        base = _read_offset(_list_keys(spot[: outer.at + 1]), asked)
        entry = spot[outer.at + 1].entry
        if base is None or entry is None or not _is_distinct(spot, outer, data):
            return None
        around[outer.at] = {"first": 1, "offset": base + entry}
    return ConnectionPlace(spot, outers, around, data)


def build_next_page(
    so_far: Connection, place: ConnectionPlace, asked: PageRequest
) -> NextPage | None:
    """What to ask for the page behind what there is so far; None when it cannot be asked for."""
    start = _build_start(so_far, place, asked)
    if start is None:
        return None
    changes = {**place.around, len(place.spot) - 1: start}
    plain = [outer.node + 1 for outer in place.outers]
    query = narrow_query(asked.query, _list_keys(place.spot), changes, plain)
    if query is None:
        return None
    names = list_variables(query)
    given = {name: value for name, value in asked.variables.items() if name in names}
    return NextPage(query, given, by_cursor="after" in start)


def read_next_page(answer: object, place: ConnectionPlace) -> Connection | None:
    """The connection in the answer to `build_next_page`; None when it is not the one asked for."""
    if not isinstance(answer, dict) or answer.get("errors"):
        return None
    data = answer.get("data")
    here = narrow_steps(place.spot, place.outers)
    for outer in place.outers:
        entries = get_value(data, drop_last_entry(here[: outer.at + 2]))
        node = outer.node + 1
        asked_for = get_plain_values(
            get_value(place.data, place.spot[:node]), here[outer.node].selection
        )
        came = get_plain_values(get_value(data, here[:node]), here[outer.node].selection)
        if not (isinstance(entries, list) and len(entries) == 1 and asked_for == came):
            return None
    page = get_value(data, here)
    return page if isinstance(page, dict) else None


def _is_distinct(spot: PathSteps, outer: OuterConnection, data: object) -> bool:
    """Whether the plain values of an entry tell it from all the others of its connection."""
    listed, selection = outer.at + 1, spot[outer.node].selection
    entries = get_value(data, drop_last_entry(spot[: listed + 1]))
    if not isinstance(entries, list):
        return False
    between = spot[listed + 1 : outer.node + 1]
    mine = get_plain_values(get_value(data, spot[: outer.node + 1]), selection)
    alike = sum(get_plain_values(get_value(entry, between), selection) == mine for entry in entries)
    return mine is not None and alike == 1


def _build_start(
    so_far: Connection, place: ConnectionPlace, asked: PageRequest
) -> Arguments | None:
    """Behind the last cursor, else behind as many entries as there are; from the back, neither."""
    keys, takes = _list_keys(place.spot), place.selection.takes
    if find_arguments(asked.query, keys).keys() & {"before", "last"}:
        return None
    cursor = read_cursor(so_far, place.selection)
    if cursor is not None and "after" in takes:
        return {"after": cursor, "offset": None}
    count, base = count_entries(so_far, place.selection), _read_offset(keys, asked)
    if count is None or base is None or "offset" not in takes:
        return None
    return {"offset": base + count}


def _read_offset(keys: Sequence[str], asked: PageRequest) -> int | None:
    """How many entries the query leaves out at the front; None when it does not count from there."""
    arguments = find_arguments(asked.query, keys)
    if arguments.keys() & {"after", "before", "last"}:
        return None
    if "offset" not in arguments:
        return 0
    value = arguments["offset"].value
    if isinstance(value, IntValueNode):
        return int(value.value)
    given = asked.variables.get(value.name.value) if isinstance(value, VariableNode) else None
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _list_keys(spot: PathSteps) -> tuple[str, ...]:
    return tuple(step.key for step in spot)
