"""Connections that were cut short are read to their ends, as if one big page had been answered.

Each further page is asked for with the same query, narrowed to the one connection. A page that
does not fit, or brings nothing new, leaves the connection as it was, and the run will report it
(E0709): half an order is never taken for a whole one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..mapping.plan.selection import find_truncated
from .connection_places import get_value
from .merge_pages import Connection, count_entries, has_next_page, is_last_page, join_page
from .next_page import ConnectionPlace, PageRequest, build_next_page, find_place, read_next_page
from .queries import Query

SendQuery = Callable[[Query, Mapping[str, object]], Awaitable[object]]

# In one answer, all its connections together.
MAX_PAGES = 100
MAX_ENTRIES = 20_000


@dataclass(slots=True)
class _PageBudget:
    """How many more pages and entries one answer may take."""

    pages: int = MAX_PAGES
    entries: int = MAX_ENTRIES

    @property
    def is_left(self) -> bool:
        return self.pages > 0 and self.entries > 0


async def read_all_pages(answer: object, asked: PageRequest, ask: SendQuery) -> object:
    """The answer with all its pages; the answer is changed. `ask` sends a query.

    An answer with errors, or without data, stays as it is. Raise what `ask` raises.
    """
    data = answer.get("data") if isinstance(answer, dict) and not answer.get("errors") else None
    if not isinstance(data, dict):
        return answer
    room, tried = _PageBudget(), set[str]()
    # New entries may hold connections that were cut short themselves.
    while paths := [path for path in find_truncated(data, asked.selection) if path not in tried]:
        tried.update(paths)
        for path in paths:
            if not room.is_left:
                return answer
            # Also to find out that a place cannot be asked for takes time.
            room.pages -= 1
            place = find_place(path, data, asked)
            if place is not None:
                await _read_to_end(place, asked, ask, room)
    return answer


async def _read_to_end(
    place: ConnectionPlace, asked: PageRequest, ask: SendQuery, room: _PageBudget
) -> None:
    """Read one connection to its end, or leave it as it was."""
    connection = get_value(place.data, place.spot)
    if not isinstance(connection, dict) or count_entries(connection, place.selection) is None:
        return
    so_far: Connection = connection
    while has_next_page(so_far, place.selection):
        behind = build_next_page(so_far, place, asked)
        if behind is None or not room.is_left:
            return
        room.pages -= 1
        page = read_next_page(await ask(behind.query, behind.variables), place)
        if page is None:
            return
        room.entries -= count_entries(page, place.selection) or 0
        more = join_page(so_far, page, place.selection, by_cursor=behind.by_cursor)
        if more is None or room.entries < 0:
            return
        so_far = more
    if is_last_page(so_far, place.selection):
        connection.update(so_far)
