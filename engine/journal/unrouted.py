"""Events that wait for their tenant's mappings: found, routed, or set aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from .arrivals import Arrival, Fate, Stored
from .storing import again, begun, note_fate
from .tables import EVENTS


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
        return again(connection, event, arrival)
    stored = begun(connection, event, arrival)
    if stored.fate is arrival.fate:  # otherwise it was noted with its reason
        note_fate(connection, stored, arrival.reason)
    return stored


def set_aside(connection: Connection, event: int, reason: str) -> bool:
    """Say why an event cannot be routed, which goes on waiting; false where that was said before."""
    waits = (EVENTS.c.id == event) & (EVENTS.c.fate == Fate.UNROUTED)
    said = update(EVENTS).where(waits, EVENTS.c.reason.is_distinct_from(reason))
    return connection.execute(said.values(reason=reason)).rowcount > 0
