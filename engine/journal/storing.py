"""Events stored: each once, with the deliveries they begin, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.sql.dml import ReturningInsert

from .locking import hold_order
from .states import State
from .tables import DELIVERIES, EVENTS, insert_of


class Fate(StrEnum):
    """What became of an event."""

    ROUTED = "routed"  # it has deliveries; they say the rest
    IGNORED = "ignored"  # no mapping wants it
    DUPLICATE = "duplicate"  # all of its deliveries were there already, begun by another event
    UNROUTED = "unrouted"  # its tenant has no mappings that can run; it waits for them


@dataclass(frozen=True, slots=True)
class Route:
    """A mapping that wants an event, and what makes the event the same as another one there."""

    mapping: str
    identity: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that has arrived, with its routes; `document` is packed (`documents`).

    `digest` is that of its payload, `order_key` names the order whose deliveries keep their order.
    """

    tenant: str
    name: str
    digest: str
    order_key: str
    order_shown: str
    document: bytes
    at: int
    routes: tuple[Route, ...] = ()
    fate: Fate = Fate.ROUTED
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing an event came to: its id, whether it is new, and the deliveries it is about."""

    event: int
    fate: Fate
    deliveries: tuple[int, ...]
    begun: tuple[int, ...] = ()
    is_new: bool = False


def store(connection: Connection, arrival: Arrival) -> Stored:
    """Store an event and begin its deliveries; one that came before is counted, and joins them."""
    event, arrivals = connection.execute(_counted(connection, arrival)).one()
    if arrivals > 1:
        return _again(connection, event)
    return route(connection, event, arrival)


@dataclass(frozen=True, slots=True)
class Unrouted:
    """An event that waits for its tenant's mappings."""

    id: int
    document: bytes


def unrouted(connection: Connection, tenant: str, most: int) -> list[Unrouted]:
    """The events of a tenant that wait for its mappings, in the order they came, so many at most."""
    rows = connection.execute(
        select(EVENTS.c.id, EVENTS.c.document)
        .where(EVENTS.c.tenant == tenant, EVENTS.c.fate == Fate.UNROUTED)
        .order_by(EVENTS.c.id)
        .limit(most)
    )
    return [Unrouted(*row) for row in rows]


def route(connection: Connection, event: int, arrival: Arrival) -> Stored:
    """Begin the deliveries of a stored event; where another event has begun one, it is joined."""
    hold_order(connection, arrival.tenant, arrival.order_key)
    there, begun = [], []
    for one in arrival.routes:
        id_, is_new = _begin(connection, event, arrival, one)
        there.append(id_)
        begun += [id_] if is_new else []
    fate, reason = arrival.fate, arrival.reason
    if there and not begun:
        fate, reason = Fate.DUPLICATE, f"the same as that of delivery {there[0]}, with another body"
    values = {"fate": fate, "reason": reason}
    connection.execute(update(EVENTS).where(EVENTS.c.id == event).values(values))
    return Stored(event, fate, tuple(there), tuple(begun), is_new=True)


def _counted(connection: Connection, arrival: Arrival) -> ReturningInsert[Any]:
    """The event's row, or one more arrival of it; gives its id and the count."""
    row = insert_of(connection, EVENTS).values(
        tenant=arrival.tenant,
        name=arrival.name,
        digest=arrival.digest,
        order_key=arrival.order_key,
        fate=arrival.fate,
        reason=arrival.reason,
        arrivals=1,
        received_at=arrival.at,
        document=arrival.document,
    )
    again = row.on_conflict_do_update(
        index_elements=[EVENTS.c.tenant, EVENTS.c.name, EVENTS.c.digest],
        set_={"arrivals": EVENTS.c.arrivals + 1},
    )
    counted: ReturningInsert[Any] = again.returning(EVENTS.c.id, EVENTS.c.arrivals)
    return counted


def _again(connection: Connection, event: int) -> Stored:
    fate = connection.scalar(select(EVENTS.c.fate).where(EVENTS.c.id == event))
    theirs = select(DELIVERIES.c.id).where(DELIVERIES.c.event_id == event)
    return Stored(event, Fate(str(fate)), tuple(connection.scalars(theirs)))


def _begin(connection: Connection, event: int, arrival: Arrival, one: Route) -> tuple[int, bool]:
    """The delivery of a route, and whether it is new; it is held while its order has another."""
    key = (
        (DELIVERIES.c.tenant == arrival.tenant)
        & (DELIVERIES.c.mapping == one.mapping)
        & (DELIVERIES.c.event_name == arrival.name)
        & (DELIVERIES.c.identity == one.identity)
    )
    there = connection.scalar(select(DELIVERIES.c.id).where(key))
    if there is not None:
        return there, False
    is_held = _has_another(connection, arrival.tenant, arrival.order_key)
    row = insert_of(connection, DELIVERIES).values(
        event_id=event,
        tenant=arrival.tenant,
        mapping=one.mapping,
        event_name=arrival.name,
        identity=one.identity,
        order_key=arrival.order_key,
        order_shown=arrival.order_shown,
        state=State.HELD if is_held else State.WAITING,
        due_at=None if is_held else arrival.at,
        starts=0,
        attempts=0,
        is_unsure=False,
        waited="{}",
        posted="[]",
        created_at=arrival.at,
        changed_at=arrival.at,
    )
    id_ = connection.scalar(row.on_conflict_do_nothing().returning(DELIVERIES.c.id))
    if id_ is None:  # begun by another transaction meanwhile
        return int(connection.execute(select(DELIVERIES.c.id).where(key)).scalar_one()), False
    return int(id_), True


def _has_another(connection: Connection, tenant: str, order_key: str) -> bool:
    open_ones = (
        select(DELIVERIES.c.id)
        .where(DELIVERIES.c.tenant == tenant, DELIVERIES.c.order_key == order_key)
        .where(DELIVERIES.c.state.not_in(State.ended()))
        .limit(1)
    )
    return connection.scalar(open_ones) is not None
