"""Many events stored at once give the same rows as one after another, on both databases."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scale import scaled
from sqlalchemy import Connection, select

from engine.journal.audit import audit_journal
from engine.journal.events import Arrival, EventFate, Route, StoredEvent
from engine.journal.store import store_event
from engine.journal.tables import DELIVERIES, EVENTS
from engine.journal.writer import Writer
from journal.journal_events import NOW

_runs = itertools.count()
_routes = st.lists(
    st.builds(Route, st.sampled_from(["sale", "refund"]), st.sampled_from("xyz")),
    max_size=2,
    unique_by=lambda route: route.mapping,
)


@st.composite
def arriving(draw: st.DrawFn) -> list[Arrival]:
    """Events of a few orders, some of them more than once, some of the same identity."""
    bodies = draw(st.lists(st.tuples(st.sampled_from("ab"), _routes), min_size=1, max_size=5))
    known = [
        Arrival(
            tenant="",
            name="order.opened",
            digest=f"digest-{number}",
            order_key=order,
            order_shown=order,
            document=b"",
            at=NOW + number,
            routes=tuple(routes),
            fate=EventFate.ROUTED if routes else EventFate.IGNORED,
        )
        for number, (order, routes) in enumerate(bodies)
    ]
    return draw(st.lists(st.sampled_from(known), min_size=1, max_size=9))


@settings(
    max_examples=scaled(50, full=1_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=arriving(), before=st.integers(0, 4))
def test_many_at_once_are_as_one_after_another(
    journal: Writer, events: list[Arrival], before: int
) -> None:
    """Some were there before; the rest comes at once."""
    run = next(_runs)
    single, many = (_of(events, f"{how}-{run}") for how in ("single", "many"))
    one_by_one = [journal.run_blocking(partial(store_event, arrival=one)) for one in single]
    at_once = [journal.run_blocking(partial(store_event, arrival=one)) for one in many[:before]]
    at_once += journal.run_blocking(lambda c: [store_event(c, one) for one in many[before:]])
    assert _told(at_once) == _told(one_by_one)
    assert journal.run_blocking(lambda c: _rows(c, many)) == journal.run_blocking(
        lambda c: _rows(c, single)
    )


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=arriving())
def test_events_that_many_callers_store_at_once_are_stored_once(
    journal: Writer, events: list[Arrival]
) -> None:
    """On PostgreSQL several threads commit them, in any order; each identity has one delivery."""
    mine = _of(events, f"at-once-{next(_runs)}")

    async def store_all() -> list[StoredEvent]:
        return await asyncio.gather(
            *(journal.run(partial(store_event, arrival=one)) for one in mine)
        )

    results = asyncio.run(store_all())
    assert len({one.event for one in results if one.is_new}) == len({one.digest for one in mine})
    routes = {route for one in mine for route in one.routes}
    assert len([id_ for one in results for id_ in one.begun]) == len(routes)
    assert journal.run_blocking(audit_journal).holds


def _of(events: Sequence[Arrival], tenant: str) -> list[Arrival]:
    return [replace(one, tenant=tenant) for one in events]


def _told(stored: Sequence[StoredEvent]) -> list[tuple[object, ...]]:
    """What storing came to, with deliveries numbered as they were seen first."""
    seen: dict[int, int] = {}
    told: list[tuple[object, ...]] = []
    for one in stored:
        there = [seen.setdefault(id_, len(seen)) for id_ in one.deliveries]
        begun = [seen.setdefault(id_, len(seen)) for id_ in one.begun]
        told.append((one.fate, sorted(there), sorted(begun), one.is_new))
    return told


def _rows(connection: Connection, events: Sequence[Arrival]) -> list[tuple[object, ...]]:
    """What stands in the journal of a tenant, without numbers that only count up."""
    tenant = events[0].tenant
    of_events = select(
        EVENTS.c.digest, EVENTS.c.fate, EVENTS.c.arrivals, EVENTS.c.reason.is_(None)
    ).where(EVENTS.c.tenant == tenant)
    of_deliveries = (
        select(
            EVENTS.c.digest,
            DELIVERIES.c.mapping,
            DELIVERIES.c.identity,
            DELIVERIES.c.state,
            DELIVERIES.c.due_at,
        )
        .join(EVENTS, EVENTS.c.id == DELIVERIES.c.event_id)
        .where(DELIVERIES.c.tenant == tenant)
    )
    rows = (*connection.execute(of_events), *connection.execute(of_deliveries))
    return sorted((tuple(row) for row in rows), key=repr)
