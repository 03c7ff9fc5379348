"""The deliveries that events begin: one for each mapping that wants it, held while its order has another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.sql.dml import ReturningInsert

from .arrivals import Arrival, Fate, Route, Stored
from .locking import hold_orders
from .states import State
from .tables import DELIVERIES, EVENTS, insert_for

# An event that was stored, by its id.
Event = tuple[int, Arrival]
_Order = tuple[str, str]


def begun(connection: Connection, events: Sequence[Event]) -> list[Stored]:
    """Begin the deliveries of new events, each about an order of its own; gives what each came to.

    A delivery that another event has begun is joined.
    """
    routed = [(event, arrival) for event, arrival in events if arrival.routes]
    orders = {arrival.order for _, arrival in routed}
    hold_orders(connection, orders)
    open_ = _open_orders(connection, orders)
    ids: dict[tuple[int, str], int] = {}
    # The second delivery of an event is held by its first.
    for turn in range(max((len(arrival.routes) for _, arrival in routed), default=0)):
        rows = [
            _row(event, arrival, arrival.routes[turn], is_held=arrival.order in open_)
            for event, arrival in routed
            if turn < len(arrival.routes)
        ]
        new = _insert(connection, rows)
        ids |= new
        with_new = {event for event, _ in new}
        open_ |= {arrival.order for event, arrival in routed if event in with_new}
    return [_stored(connection, event, arrival, ids) for event, arrival in events]


def again(connection: Connection, event: int, arrival: Arrival) -> Stored:
    """An event that is there: its own deliveries, and those that others began and it has joined."""
    fate = Fate(str(connection.scalar(select(EVENTS.c.fate).where(EVENTS.c.id == event))))
    theirs = select(DELIVERIES.c.id).where(DELIVERIES.c.event_id == event)
    found = set(connection.scalars(theirs))
    if fate in (Fate.ROUTED, Fate.DUPLICATE):
        joined = (_delivery_of(connection, arrival, one) for one in arrival.routes)
        found |= {id_ for id_ in joined if id_ is not None}
    return Stored(event, fate, tuple(sorted(found)))


def note_fate(connection: Connection, stored: Stored, reason: str | None) -> None:
    """Write down what became of an event."""
    values = {"fate": stored.fate, "reason": reason}
    connection.execute(update(EVENTS).where(EVENTS.c.id == stored.event).values(values))


def _stored(
    connection: Connection, event: int, arrival: Arrival, ids: Mapping[tuple[int, str], int]
) -> Stored:
    """What an event came to; `ids` are those of new deliveries, by their events and mappings."""
    mine = [ids.get((event, route.mapping)) for route in arrival.routes]
    there = [
        _there(connection, arrival, route) if id_ is None else id_
        for id_, route in zip(mine, arrival.routes, strict=True)
    ]
    new = tuple(id_ for id_ in mine if id_ is not None)
    fate = Fate.DUPLICATE if there and not new else arrival.fate
    stored = Stored(event, fate, tuple(there), new, is_new=True)
    if fate is not arrival.fate:
        note_fate(connection, stored, f"the same as that of delivery {there[0]}, with another body")
    return stored


_OPEN = (
    select(DELIVERIES.c.tenant, DELIVERIES.c.order_key)
    .distinct()
    .where(
        DELIVERIES.c.tenant.in_(bindparam("tenants", expanding=True)),
        DELIVERIES.c.order_key.in_(bindparam("orders", expanding=True)),
        DELIVERIES.c.state.not_in([state.value for state in State.ended()]),
    )
)


def _open_orders(connection: Connection, orders: Iterable[_Order]) -> set[_Order]:
    """Those of some orders that have a delivery which is not over, and perhaps others."""
    asked = {
        "tenants": sorted({tenant for tenant, _ in orders}),
        "orders": sorted({key for _, key in orders}),
    }
    if not asked["orders"]:
        return set()
    return {(tenant, key) for tenant, key in connection.execute(_OPEN, asked)}


def _insert(
    connection: Connection, rows: Sequence[dict[str, object]]
) -> dict[tuple[int, str], int]:
    """The ids of those that are new, by their events and mappings."""
    if not rows:
        return {}
    statement = _delivery(connection.dialect.name)
    new = connection.execute(statement, rows if len(rows) > 1 else rows[0])
    return {(event, mapping): id_ for id_, event, mapping in new}


@cache
def _delivery(dialect: str) -> ReturningInsert[Any]:
    """A delivery's row, none where there is one of the same identity."""
    made: ReturningInsert[Any] = (
        insert_for(dialect, DELIVERIES)
        .on_conflict_do_nothing()
        .returning(DELIVERIES.c.id, DELIVERIES.c.event_id, DELIVERIES.c.mapping)
    )
    return made


def _row(event: int, arrival: Arrival, one: Route, *, is_held: bool) -> dict[str, object]:
    return {
        "event_id": event,
        "tenant": arrival.tenant,
        "mapping": one.mapping,
        "event_name": arrival.name,
        "identity": one.identity,
        "order_key": arrival.order_key,
        "order_shown": arrival.order_shown,
        "state": State.HELD.value if is_held else State.WAITING.value,
        "due_at": None if is_held else arrival.at,
        "starts": 0,
        "attempts": 0,
        "is_unsure": False,
        "waited": "{}",
        "posted": "[]",
        "created_at": arrival.at,
        "changed_at": arrival.at,
    }


def _there(connection: Connection, arrival: Arrival, one: Route) -> int:
    there = _delivery_of(connection, arrival, one)
    assert there is not None  # it was what the new one would have been the second of
    return there


def _delivery_of(connection: Connection, arrival: Arrival, one: Route) -> int | None:
    """The delivery of a route, whichever event began it."""
    key = (
        (DELIVERIES.c.tenant == arrival.tenant)
        & (DELIVERIES.c.mapping == one.mapping)
        & (DELIVERIES.c.event_name == arrival.name)
        & (DELIVERIES.c.identity == one.identity)
    )
    return connection.execute(select(DELIVERIES.c.id).where(key)).scalar()
