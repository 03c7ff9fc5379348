"""Events stored: each once, with the deliveries they begin, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    bindparam,
    case,
    exists,
    null,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from .locking import hold_order
from .states import State
from .tables import DELIVERIES, EVENTS, insert_for


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
    values = {
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
    statement = _event(connection.dialect.name)
    event, arrivals = connection.execute(statement, values).one()
    if arrivals > 1:
        return _again(connection, event, arrival)
    stored, reason = _begun(connection, event, arrival)
    if stored.fate is not arrival.fate:
        _note_fate(connection, stored, reason)
    return stored


@dataclass(frozen=True, slots=True)
class Unrouted:
    """An event that waits for its tenant's mappings."""

    id: int
    document: bytes


def unrouted(connection: Connection, tenant: str, most: int, after: int = 0) -> list[Unrouted]:
    """The events of a tenant that wait for its mappings, by their ids: so many beyond one at most."""
    rows = connection.execute(
        select(EVENTS.c.id, EVENTS.c.document)
        .where(EVENTS.c.tenant == tenant, EVENTS.c.fate == Fate.UNROUTED, EVENTS.c.id > after)
        .order_by(EVENTS.c.id)
        .limit(most)
    )
    return [Unrouted(*row) for row in rows]


def unrouted_of(connection: Connection, tenants: Collection[str]) -> list[str]:
    """Those of some tenants that have events which wait for their mappings."""
    waiting = (
        select(EVENTS.c.tenant)
        .distinct()
        .where(EVENTS.c.tenant.in_(tenants), EVENTS.c.fate == Fate.UNROUTED)
    )
    return list(connection.scalars(waiting))


def route(connection: Connection, event: int, arrival: Arrival) -> Stored:
    """Begin the deliveries of a stored event; where another event has begun one, it is joined.

    An event that somebody else has routed meanwhile stays as it is.
    """
    # First the event and then its order, as when it is stored; whoever comes second sees the first.
    mine = select(EVENTS.c.fate).where(EVENTS.c.id == event).with_for_update()
    if connection.scalar(mine) != Fate.UNROUTED:
        return _again(connection, event, arrival)
    stored, reason = _begun(connection, event, arrival)
    _note_fate(connection, stored, reason)
    return stored


def set_aside(connection: Connection, event: int, reason: str) -> bool:
    """Say why an event cannot be routed, which goes on waiting; false where that was said before."""
    waits = (EVENTS.c.id == event) & (EVENTS.c.fate == Fate.UNROUTED)
    said = update(EVENTS).where(waits, EVENTS.c.reason.is_distinct_from(reason))
    return connection.execute(said.values(reason=reason)).rowcount > 0


def _begun(connection: Connection, event: int, arrival: Arrival) -> tuple[Stored, str | None]:
    """The deliveries of an event, and why its fate is what it is."""
    hold_order(connection, arrival.tenant, arrival.order_key)
    there, begun = [], []
    for one in arrival.routes:
        id_, is_new = _begin(connection, event, arrival, one)
        there.append(id_)
        begun += [id_] if is_new else []
    fate, reason = arrival.fate, arrival.reason
    if there and not begun:
        fate, reason = Fate.DUPLICATE, f"the same as that of delivery {there[0]}, with another body"
    return Stored(event, fate, tuple(there), tuple(begun), is_new=True), reason


def _note_fate(connection: Connection, stored: Stored, reason: str | None) -> None:
    values = {"fate": stored.fate, "reason": reason}
    connection.execute(update(EVENTS).where(EVENTS.c.id == stored.event).values(values))


# Statements that each event needs are made once: to make one takes longer than to carry it out.
@cache
def _event(dialect: str) -> ReturningInsert[Any]:
    """The event's row, or one more arrival of it; gives its id and the count."""
    again = insert_for(dialect, EVENTS).on_conflict_do_update(
        index_elements=[EVENTS.c.tenant, EVENTS.c.name, EVENTS.c.digest],
        set_={"arrivals": EVENTS.c.arrivals + 1},
    )
    counted: ReturningInsert[Any] = again.returning(EVENTS.c.id, EVENTS.c.arrivals)
    return counted


@cache
def _delivery(dialect: str) -> ReturningInsert[Any]:
    """A delivery's row, held while its order has another that is open; none where there is one."""
    another = exists().where(
        DELIVERIES.c.tenant == bindparam("of_tenant", type_=Text),
        DELIVERIES.c.order_key == bindparam("of_order", type_=Text),
        DELIVERIES.c.state.not_in(State.ended()),
    )
    row = insert_for(dialect, DELIVERIES).values(
        state=case((another, State.HELD.value), else_=State.WAITING.value),
        due_at=case((another, null()), else_=bindparam("at", type_=BigInteger)),
        starts=0,
        attempts=0,
        is_unsure=False,
        waited="{}",
        posted="[]",
    )
    made: ReturningInsert[Any] = row.on_conflict_do_nothing().returning(DELIVERIES.c.id)
    return made


def _again(connection: Connection, event: int, arrival: Arrival) -> Stored:
    """An event that is there: its own deliveries, and those that others began and it has joined."""
    fate = Fate(str(connection.scalar(select(EVENTS.c.fate).where(EVENTS.c.id == event))))
    theirs = select(DELIVERIES.c.id).where(DELIVERIES.c.event_id == event)
    found = set(connection.scalars(theirs))
    if fate in (Fate.ROUTED, Fate.DUPLICATE):
        joined = (_delivery_of(connection, arrival, one) for one in arrival.routes)
        found |= {id_ for id_ in joined if id_ is not None}
    return Stored(event, fate, tuple(sorted(found)))


def _begin(connection: Connection, event: int, arrival: Arrival, one: Route) -> tuple[int, bool]:
    """The delivery of a route, and whether it is new; it is held while its order has another."""
    values = {
        "event_id": event,
        "tenant": arrival.tenant,
        "mapping": one.mapping,
        "event_name": arrival.name,
        "identity": one.identity,
        "order_key": arrival.order_key,
        "order_shown": arrival.order_shown,
        "created_at": arrival.at,
        "changed_at": arrival.at,
        "of_tenant": arrival.tenant,
        "of_order": arrival.order_key,
        "at": arrival.at,
    }
    id_ = connection.execute(_delivery(connection.dialect.name), values).scalar()
    if id_ is not None:
        return int(id_), True
    there = _delivery_of(connection, arrival, one)
    assert there is not None  # it was what the new one would have been the second of
    return there, False


def _delivery_of(connection: Connection, arrival: Arrival, one: Route) -> int | None:
    """The delivery of a route, whichever event began it."""
    key = (
        (DELIVERIES.c.tenant == arrival.tenant)
        & (DELIVERIES.c.mapping == one.mapping)
        & (DELIVERIES.c.event_name == arrival.name)
        & (DELIVERIES.c.identity == one.identity)
    )
    return connection.execute(select(DELIVERIES.c.id).where(key)).scalar()
