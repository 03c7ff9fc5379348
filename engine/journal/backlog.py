"""The backlog: events that wait until their tenant has mappings that can run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from .events import Arrival, EventFate, StoredEvent
from .store import begin_deliveries, read_stored, record_fate
from .tables import EVENTS


@dataclass(frozen=True, slots=True)
class BacklogEvent:
    """An event in the backlog; `document` is packed."""

    id: int
    document: bytes


def list_backlog(
    connection: Connection, tenant: str, most: int, after: int = 0
) -> list[BacklogEvent]:
    """At most `most` events of a tenant's backlog, in the order of ids, from `after` on."""
    rows = connection.execute(
        select(EVENTS.c.id, EVENTS.c.document)
        .where(EVENTS.c.tenant == tenant, EVENTS.c.fate == EventFate.UNROUTED, EVENTS.c.id > after)
        .order_by(EVENTS.c.id)
        .limit(most)
    )
    return [BacklogEvent(*row) for row in rows]


def find_tenants_with_backlog(connection: Connection, tenants: Collection[str]) -> list[str]:
    """Those of the tenants that have a backlog."""
    waiting = (
        select(EVENTS.c.tenant)
        .distinct()
        .where(EVENTS.c.tenant.in_(tenants), EVENTS.c.fate == EventFate.UNROUTED)
    )
    return list(connection.scalars(waiting))


def route_event(connection: Connection, event: int, arrival: Arrival) -> StoredEvent:
    """Begin the deliveries of an event in the backlog, or join those that another event has begun.

    An event that another process has routed meanwhile is not changed.
    """
    # Locks the event before its order, as storing does; a second process then sees the new fate.
    fate = select(EVENTS.c.fate).where(EVENTS.c.id == event).with_for_update()
    if connection.scalar(fate) != EventFate.UNROUTED:
        return read_stored(connection, event, arrival)
    stored = begin_deliveries(connection, event, arrival)
    if stored.fate is arrival.fate:  # otherwise it was recorded with its reason
        record_fate(connection, stored, arrival.reason)
    return stored


def record_reason(connection: Connection, event: int, reason: str) -> bool:
    """Record why an event stays in the backlog; false when this reason is recorded already."""
    waits = (EVENTS.c.id == event) & (EVENTS.c.fate == EventFate.UNROUTED)
    changed = update(EVENTS).where(waits, EVENTS.c.reason.is_distinct_from(reason))
    return connection.execute(changed.values(reason=reason)).rowcount > 0
