"""Counts of deliveries and events by state, for metrics and reports.

The cost grows with what is open, not with what has ended: indexes hold all columns that are read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from .events import EventFate
from .states import DeliveryState
from .tables import DELIVERIES, EVENTS

# Databases limit the number of values in one statement.
_MAX_ORDERS = 500
_D = DELIVERIES.c
_OPEN_STATES = tuple(state for state in DeliveryState if state not in DeliveryState.final())


@dataclass(frozen=True, slots=True)
class OpenCount:
    """The number of a tenant's deliveries in a state that is not final; the oldest began at `since`."""

    tenant: str
    state: DeliveryState
    count: int
    since: int


def count_open(connection: Connection) -> list[OpenCount]:
    """Open deliveries of all tenants, by tenant and state."""
    rows = connection.execute(
        select(_D.tenant, _D.state, func.count(), func.min(_D.id))
        .where(_D.state.in_(_OPEN_STATES))
        .group_by(_D.state, _D.tenant)
        .order_by(_D.tenant, _D.state)
    ).all()
    # Ids grow with time: the smallest is the oldest.
    oldest = [id_ for *_, id_ in rows]
    begun = select(_D.id, _D.created_at).where(_D.id.in_(oldest))
    since = {row.id: row.created_at for row in connection.execute(begun)}
    return [
        OpenCount(tenant, DeliveryState(state), count=count, since=since[id_])
        for tenant, state, count, id_ in rows
    ]


def count_backlog(connection: Connection, tenants: Sequence[str]) -> dict[str, int]:
    """The number of events in the backlog of each of these tenants that has one."""
    rows = connection.execute(
        select(EVENTS.c.tenant, func.count().label("events"))
        .where(EVENTS.c.tenant.in_(tenants), EVENTS.c.fate == EventFate.UNROUTED)
        .group_by(EVENTS.c.tenant)
    )
    return {row.tenant: row.events for row in rows}


def count_running(connection: Connection) -> dict[str, int]:
    """The deliveries that all processes attempt, by tenant."""
    rows = connection.execute(
        select(_D.tenant, func.count().label("running"))
        .where(_D.state == DeliveryState.RUNNING)
        .group_by(_D.tenant)
    )
    return {row.tenant: row.running for row in rows}


def find_oldest_due(connection: Connection, tenants: Collection[str], now: int) -> dict[str, int]:
    """Since when the oldest due delivery of each of these tenants is due, where there is one."""
    found: dict[str, int] = {}
    for tenant in tenants:
        due = select(func.min(_D.due_at)).where(
            _D.state == DeliveryState.WAITING, _D.tenant == tenant, _D.due_at <= now
        )
        since: int | None = connection.scalar(due)
        if since is not None:
            found[tenant] = since
    return found


def count_parked(connection: Connection, tenant: str, since: int, until: int) -> dict[str, int]:
    """The tenant's deliveries parked after `since` and up to `until` (milliseconds), by reason."""
    rows = connection.execute(
        select(_D.reason, func.count())
        .where(_D.tenant == tenant, _D.state == DeliveryState.PARKED)
        .where(_D.changed_at > since, _D.changed_at <= until)
        .group_by(_D.reason)
    )
    return {str(reason or "?"): int(count) for reason, count in rows}


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """The state of an order's delivery in one mapping, as stored."""

    mapping: str
    state: str
    reason: str | None


def read_order_statuses(
    connection: Connection, tenant: str, orders: Sequence[str]
) -> dict[str, list[OrderStatus]]:
    """The states of the deliveries of orders, by `order_key`, in the order in which they began."""
    found: dict[str, list[OrderStatus]] = {}
    for start in range(0, len(orders), _MAX_ORDERS):
        rows = connection.execute(
            select(_D.order_key, _D.mapping, _D.state, _D.reason)
            .where(_D.tenant == tenant)
            .where(_D.order_key.in_(orders[start : start + _MAX_ORDERS]))
            .order_by(_D.id)
        )
        for order, mapping, state, reason in rows:
            found.setdefault(order, []).append(OrderStatus(mapping, state, reason))
    return found
