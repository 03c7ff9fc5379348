"""Many events stored at once come to the same as one after another, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scale import scaled
from sqlalchemy import Connection, select

from engine.journal.arrivals import Arrival, Fate, Route, Stored
from engine.journal.committing import Committer
from engine.journal.storing import store, store_all
from engine.journal.tables import DELIVERIES, EVENTS
from journal.arriving import NOW

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
            fate=Fate.ROUTED if routes else Fate.IGNORED,
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
    journal: Committer, events: list[Arrival], before: int
) -> None:
    """Some were there before; the rest comes at once."""
    run = next(_runs)
    single, many = (_of(events, f"{how}-{run}") for how in ("single", "many"))
    one_by_one = [journal.now(partial(store, arrival=one)) for one in single]
    at_once = [journal.now(partial(store, arrival=one)) for one in many[:before]]
    at_once += journal.now(lambda c: store_all(c, many[before:]))
    assert _told(at_once) == _told(one_by_one)
    assert journal.now(lambda c: _rows(c, many)) == journal.now(lambda c: _rows(c, single))


def _of(events: Sequence[Arrival], tenant: str) -> list[Arrival]:
    return [replace(one, tenant=tenant) for one in events]


def _told(stored: Sequence[Stored]) -> list[tuple[object, ...]]:
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
