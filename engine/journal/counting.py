"""What an operator looks at all the time: what is open, and whether the journal can be written.

The cost grows with what is open, not with what has ended: an index holds all that is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from .arrivals import Fate
from .states import State
from .tables import DELIVERIES, EVENTS

_OPEN = tuple(state for state in State if state not in State.ended())


@dataclass(frozen=True, slots=True)
class Open:
    """So many deliveries of a tenant in a state that is no end; the oldest was made at `since`."""

    tenant: str
    state: State
    count: int
    since: int


def open_deliveries(connection: Connection) -> list[Open]:
    """Those of all tenants, by tenant and state."""
    rows = connection.execute(
        select(DELIVERIES.c.tenant, DELIVERIES.c.state, func.count(), func.min(DELIVERIES.c.id))
        .where(DELIVERIES.c.state.in_(_OPEN))
        .group_by(DELIVERIES.c.state, DELIVERIES.c.tenant)
        .order_by(DELIVERIES.c.tenant, DELIVERIES.c.state)
    ).all()
    # Ids grow with time, so that the smallest one's row is the oldest.
    oldest = [id_ for *_, id_ in rows]
    made = select(DELIVERIES.c.id, DELIVERIES.c.created_at).where(DELIVERIES.c.id.in_(oldest))
    since = {row.id: row.created_at for row in connection.execute(made)}
    return [Open(tenant, State(state), count, since[id_]) for tenant, state, count, id_ in rows]


def unrouted_events(connection: Connection, tenants: Sequence[str]) -> dict[str, int]:
    """How many events of each of these tenants wait for its mappings."""
    rows = connection.execute(
        select(EVENTS.c.tenant, func.count().label("events"))
        .where(EVENTS.c.tenant.in_(tenants), EVENTS.c.fate == Fate.UNROUTED)
        .group_by(EVENTS.c.tenant)
    )
    return {row.tenant: row.events for row in rows}


def write_nothing(connection: Connection) -> None:
    """Write the one row that every journal has, as it is: raises what any other write would."""
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
