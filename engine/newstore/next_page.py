"""Builds the query for the next page of a connection, and reads that page from its answer. Pure."""

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
    """A query that was sent, its variables and its selection."""

    query: Query
    variables: Mapping[str, object]
    selection: Selection


@dataclass(frozen=True, slots=True)
class ConnectionPlace:
    """A connection in the answer's data, and the connections around it.

    `around` holds, by depth, the arguments that narrow an outer connection to its one entry.
    """

    steps: PathSteps
    outers: tuple[OuterConnection, ...]
    around: Mapping[int, Arguments]
    data: object

    @property
    def selection(self) -> Selection:
        """The selection of the connection."""
        return self.steps[-1].selection


@dataclass(frozen=True, slots=True)
class NextPage:
    """The query for the next page, its variables, and whether it uses a cursor."""

    query: Query
    variables: Mapping[str, object]
    by_cursor: bool


def find_place(path: str, data: object, request: PageRequest) -> ConnectionPlace | None:
    """Return the place of a connection in the answer; None when no query can select it alone."""
    steps = find_steps(path, request.selection)
    outers = find_outer_connections(steps) if steps else None
    if steps is None or outers is None or not steps[-1].selection.is_connection:
        return None
    around: dict[int, Arguments] = {}
    for outer in outers:
        base = _read_offset(_list_keys(steps[: outer.at + 1]), request)
        entry = steps[outer.at + 1].entry
        if base is None or entry is None or not _is_distinct(steps, outer, data):
            return None
        around[outer.at] = {"first": 1, "offset": base + entry}
    return ConnectionPlace(steps=steps, outers=outers, around=around, data=data)


def build_next_page(
    so_far: Connection, place: ConnectionPlace, request: PageRequest
) -> NextPage | None:
    """Return the query for the page after `so_far`; None when no query can select it."""
    start = _build_start(so_far, place, request)
    if start is None:
        return None
    changes = {**place.around, len(place.steps) - 1: start}
    plain = [outer.node + 1 for outer in place.outers]
    query = narrow_query(request.query, _list_keys(place.steps), changes, plain)
    if query is None:
        return None
    names = list_variables(query)
    variables = {name: value for name, value in request.variables.items() if name in names}
    return NextPage(query, variables, by_cursor="after" in start)


def read_next_page(answer: object, place: ConnectionPlace) -> Connection | None:
    """Return the connection in the answer to a `NextPage`; None when it is another one."""
    if not isinstance(answer, dict) or answer.get("errors"):
        return None
    data = answer.get("data")
    narrowed = narrow_steps(place.steps, place.outers)
    for outer in place.outers:
        entries = get_value(data, drop_last_entry(narrowed[: outer.at + 2]))
        node = outer.node + 1
        expected = get_plain_values(
            get_value(place.data, place.steps[:node]), narrowed[outer.node].selection
        )
        found = get_plain_values(get_value(data, narrowed[:node]), narrowed[outer.node].selection)
        if not (isinstance(entries, list) and len(entries) == 1 and expected == found):
            return None
    page = get_value(data, narrowed)
    return page if isinstance(page, dict) else None


def _is_distinct(steps: PathSteps, outer: OuterConnection, data: object) -> bool:
    """Whether the plain values of an entry are unique in its connection."""
    listed, selection = outer.at + 1, steps[outer.node].selection
    entries = get_value(data, drop_last_entry(steps[: listed + 1]))
    if not isinstance(entries, list):
        return False
    between = steps[listed + 1 : outer.node + 1]
    values = get_plain_values(get_value(data, steps[: outer.node + 1]), selection)
    alike = sum(
        get_plain_values(get_value(entry, between), selection) == values for entry in entries
    )
    return values is not None and alike == 1


def _build_start(
    so_far: Connection, place: ConnectionPlace, request: PageRequest
) -> Arguments | None:
    """Return the arguments for the next page: by cursor, else by offset; None for pages from the end."""
    keys, takes = _list_keys(place.steps), place.selection.takes
    if find_arguments(request.query, keys).keys() & {"before", "last"}:
        return None
    cursor = read_cursor(so_far, place.selection)
    if cursor is not None and "after" in takes:
        return {"after": cursor, "offset": None}
    count, base = count_entries(so_far, place.selection), _read_offset(keys, request)
    if count is None or base is None or "offset" not in takes:
        return None
    return {"offset": base + count}


def _read_offset(keys: Sequence[str], request: PageRequest) -> int | None:
    """Return the query's offset; None when the query does not count from the front."""
    arguments = find_arguments(request.query, keys)
    if arguments.keys() & {"after", "before", "last"}:
        return None
    if "offset" not in arguments:
        return 0
    value = arguments["offset"].value
    if isinstance(value, IntValueNode):
        return int(value.value)
    number = request.variables.get(value.name.value) if isinstance(value, VariableNode) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _list_keys(steps: PathSteps) -> tuple[str, ...]:
    return tuple(step.key for step in steps)
