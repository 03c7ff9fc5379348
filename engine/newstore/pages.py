"""Reads incomplete connections of an answer to their ends, as if one large page had come.

Each next page is requested with the same query, narrowed to one connection. A page that does not fit, or
holds nothing new, leaves the connection unchanged, and the run reports it (E0709): half an order never
counts as a whole one.
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

# Limits for all connections of one answer together.
MAX_PAGES = 100
MAX_ENTRIES = 20_000


@dataclass(slots=True)
class _PageBudget:
    """The pages and entries that may still be read for one answer."""

    pages: int = MAX_PAGES
    entries: int = MAX_ENTRIES

    @property
    def is_left(self) -> bool:
        return self.pages > 0 and self.entries > 0


async def read_all_pages(answer: object, request: PageRequest, send: SendQuery) -> object:
    """Return the answer, changed to hold all its pages; `send` sends a query.

    An answer with errors or without data stays unchanged. Raise what `send` raises.
    """
    data = answer.get("data") if isinstance(answer, dict) and not answer.get("errors") else None
    if not isinstance(data, dict):
        return answer
    budget, tried = _PageBudget(), set[str]()
    # New entries may hold incomplete connections themselves.
    while paths := [path for path in find_truncated(data, request.selection) if path not in tried]:
        tried.update(paths)
        for path in paths:
            if not budget.is_left:
                return answer
            # A place that no query can select costs time too.
            budget.pages -= 1
            place = find_place(path, data, request)
            if place is not None:
                await _read_to_end(place, request, send, budget)
    return answer


async def _read_to_end(
    place: ConnectionPlace, request: PageRequest, send: SendQuery, budget: _PageBudget
) -> None:
    """Read one connection to its end, or leave it unchanged."""
    connection = get_value(place.data, place.steps)
    if not isinstance(connection, dict) or count_entries(connection, place.selection) is None:
        return
    so_far: Connection = connection
    while has_next_page(so_far, place.selection):
        next_page = build_next_page(so_far, place, request)
        if next_page is None or not budget.is_left:
            return
        budget.pages -= 1
        page = read_next_page(await send(next_page.query, next_page.variables), place)
        if page is None:
            return
        budget.entries -= count_entries(page, place.selection) or 0
        joined = join_page(so_far, page, place.selection, by_cursor=next_page.by_cursor)
        if joined is None or budget.entries < 0:
            return
        so_far = joined
    if is_last_page(so_far, place.selection):
        connection.update(so_far)
