"""Store an event, once, together with the deliveries that it begins.

A second event of the same identity begins no delivery: it joins the one there is. A delivery whose
order has an unfinished one is held.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, exists, null, select, update
from sqlalchemy.sql.dml import ReturningInsert

from .claim import Enqueue, Job
from .dialects import insert_for, lock_orders
from .events import Arrival, EventFate, Route, StoredEvent
from .states import DeliveryState
from .tables import DELIVERIES, EVENTS


def store_event(
    connection: Connection, arrival: Arrival, enqueue: Enqueue | None = None
) -> StoredEvent:
    """Store an event and begin its deliveries; an event that is stored already is counted again.

    `enqueue` receives the deliveries that are due.
    """
    statement = _upsert_event(connection.dialect.name)
    event, arrivals = connection.execute(statement, _event_row(arrival)).one()
    if arrivals > 1:
        return read_stored(connection, event, arrival)
    stored = begin_deliveries(connection, event, arrival)
    if stored.begun and enqueue is not None:
        enqueue(connection, [Job(id_, arrival.tenant, arrival.at) for id_ in stored.begun])
    return stored


def begin_deliveries(connection: Connection, event: int, arrival: Arrival) -> StoredEvent:
    """Begin the deliveries of a stored event; where another event has begun one, join that one."""
    if not arrival.routes:
        return StoredEvent(event, arrival.fate, (), is_new=True)
    lock_orders(connection, [arrival.order])
    all_ids, new_ids = [], []
    for route in arrival.routes:
        id_ = _insert_delivery(connection, event, arrival, route)
        if id_ is None:
            all_ids.append(_require_delivery(connection, arrival, route))
        else:
            all_ids.append(id_)
            new_ids.append(id_)
    if new_ids:
        return StoredEvent(
            event=event,
            fate=arrival.fate,
            deliveries=tuple(all_ids),
            begun=tuple(new_ids),
            is_new=True,
        )
    stored = StoredEvent(event, EventFate.DUPLICATE, tuple(all_ids), is_new=True)
    record_fate(connection, stored, f"the same as that of delivery {all_ids[0]}, with another body")
    return stored


def read_stored(connection: Connection, event: int, arrival: Arrival) -> StoredEvent:
    """A stored event: its own deliveries, and those of other events that it joined."""
    fate = EventFate(str(connection.scalar(select(EVENTS.c.fate).where(EVENTS.c.id == event))))
    own = select(DELIVERIES.c.id).where(DELIVERIES.c.event_id == event)
    found = set(connection.scalars(own))
    if fate in (EventFate.ROUTED, EventFate.DUPLICATE):
        joined = (_find_delivery(connection, arrival, route) for route in arrival.routes)
        found |= {id_ for id_ in joined if id_ is not None}
    return StoredEvent(event, fate, tuple(sorted(found)))


def record_fate(connection: Connection, stored: StoredEvent, reason: str | None) -> None:
    """Record the fate of an event."""
    values = {"fate": stored.fate, "reason": reason}
    connection.execute(update(EVENTS).where(EVENTS.c.id == stored.event).values(values))


# Statements that each event needs are built once: building one takes longer than running it.
@cache
def _upsert_event(dialect: str) -> ReturningInsert[Any]:
    counted = insert_for(dialect, EVENTS).on_conflict_do_update(
        index_elements=[EVENTS.c.tenant, EVENTS.c.name, EVENTS.c.digest],
        set_={"arrivals": EVENTS.c.arrivals + 1},
    )
    returned: ReturningInsert[Any] = counted.returning(EVENTS.c.id, EVENTS.c.arrivals)
    return returned


def _event_row(arrival: Arrival) -> dict[str, object]:
    return {
        "tenant": arrival.tenant,
        "name": arrival.name,
        "digest": arrival.digest,
        "order_key": arrival.order_key,
        "order_shown": arrival.order_shown,
        "fate": arrival.fate,
        "reason": arrival.reason,
        "arrivals": 1,
        "received_at": arrival.at,
        "document": arrival.document,
    }


_OPEN = DELIVERIES.alias("open")
# Also true for the second delivery of an event, after the first.
_ORDER_HAS_OPEN_DELIVERY = exists().where(
    _OPEN.c.tenant == bindparam("tenant"),
    _OPEN.c.order_key == bindparam("order_key"),
    _OPEN.c.state.not_in([state.value for state in DeliveryState.final()]),
)


@cache
def _insert_new_delivery(dialect: str) -> ReturningInsert[Any]:
    """Insert a row, unless a delivery of the same identity exists."""
    state = select(
        case(
            (_ORDER_HAS_OPEN_DELIVERY, DeliveryState.HELD.value), else_=DeliveryState.WAITING.value
        )
    ).scalar_subquery()
    due_at = select(
        case((_ORDER_HAS_OPEN_DELIVERY, null()), else_=bindparam("at", type_=BigInteger))
    ).scalar_subquery()
    made: ReturningInsert[Any] = (
        insert_for(dialect, DELIVERIES)
        .values(
            event_id=bindparam("event_id"),
            tenant=bindparam("tenant"),
            mapping=bindparam("mapping"),
            event_name=bindparam("event_name"),
            identity=bindparam("identity"),
            order_key=bindparam("order_key"),
            order_shown=bindparam("order_shown"),
            state=state,
            due_at=due_at,
            starts=0,
            attempts=0,
            doubts="[]",
            waited="{}",
            posted="[]",
            created_at=bindparam("at"),
            changed_at=bindparam("at"),
        )
        .on_conflict_do_nothing()
        .returning(DELIVERIES.c.id)
    )
    return made


def _insert_delivery(
    connection: Connection, event: int, arrival: Arrival, route: Route
) -> int | None:
    """The id of a new delivery, None when one of the same identity exists."""
    row = {
        "event_id": event,
        "tenant": arrival.tenant,
        "mapping": route.mapping,
        "event_name": arrival.name,
        "identity": route.identity,
        "order_key": arrival.order_key,
        "order_shown": arrival.order_shown,
        "at": arrival.at,
    }
    id_: int | None = connection.scalar(_insert_new_delivery(connection.dialect.name), row)
    return id_


def _require_delivery(connection: Connection, arrival: Arrival, route: Route) -> int:
    id_ = _find_delivery(connection, arrival, route)
    assert id_ is not None  # its identity was in conflict with the new row
    return id_


_FIND_DELIVERY = select(DELIVERIES.c.id).where(
    DELIVERIES.c.tenant == bindparam("tenant"),
    DELIVERIES.c.mapping == bindparam("mapping"),
    DELIVERIES.c.event_name == bindparam("event_name"),
    DELIVERIES.c.identity == bindparam("identity"),
)


def _find_delivery(connection: Connection, arrival: Arrival, route: Route) -> int | None:
    """The delivery of a route, whichever event began it."""
    key = {
        "tenant": arrival.tenant,
        "mapping": route.mapping,
        "event_name": arrival.name,
        "identity": route.identity,
    }
    id_: int | None = connection.scalar(_FIND_DELIVERY, key)
    return id_
