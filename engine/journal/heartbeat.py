"""Heartbeats: each process that shares the journal records until when its lease lasts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from .dialects import insert_into, read_database_clock
from .tables import HOLDERS

# Expired heartbeats are deleted after so many leases.
_KEPT_LEASES = 100


def record_heartbeat(connection: Connection, holder: str, lease: int) -> None:
    """Extend the lease of a process to `lease` milliseconds from now."""
    until = read_database_clock(connection) + lease
    row = insert_into(connection, HOLDERS).values(holder=holder, until=until)
    connection.execute(row.on_conflict_do_update(index_elements=["holder"], set_={"until": until}))


def remove_heartbeat(connection: Connection, holder: str) -> None:
    """End the lease of a process that stops and holds no delivery."""
    connection.execute(delete(HOLDERS).where(HOLDERS.c.holder == holder))


def is_alive(connection: Connection, holder: str) -> bool:
    """Whether the lease of a process lasts."""
    until = connection.scalar(select(HOLDERS.c.until).where(HOLDERS.c.holder == holder))
    return until is not None and until > read_database_clock(connection)


def delete_old_heartbeats(connection: Connection, lease: int) -> None:
    """Delete the heartbeats of processes that ended long ago."""
    before = read_database_clock(connection) - _KEPT_LEASES * lease
    connection.execute(delete(HOLDERS).where(HOLDERS.c.until < before))
