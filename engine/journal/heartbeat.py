"""Heartbeats: each process that shares the journal records until when its lease lasts.

On PostgreSQL a process also holds an advisory lock by a session of its own. The server releases the lock
as soon as the process ends, so that others need not wait for the lease of a process that was killed.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, text

from .dialects import POSTGRESQL, insert_into, read_database_clock
from .tables import HOLDERS

# Expired heartbeats are deleted after so many leases.
_KEPT_LEASES = 100
# The first of the two numbers of the advisory locks; the second is a hash of the holder.
SESSION_CLASS = 6_571_774
# A process whose session is gone is dead when its last heartbeat is older than this part of the lease. A
# living one, whose session was only cut off, has recorded another heartbeat by then.
_SILENT_PART = 0.3
_HAS_SESSION = text(
    "select exists (select 1 from pg_locks where locktype = 'advisory' and objsubid = 2"  # noqa: S608 - constants
    f" and classid = {SESSION_CLASS} and objid = hashtext(:holder)::oid and granted"
    " and database = (select oid from pg_database where datname = current_database()))"
)


def record_heartbeat(connection: Connection, holder: str, lease: int) -> None:
    """Extend the lease of a process to `lease` milliseconds from now."""
    until = read_database_clock(connection) + lease
    row = insert_into(connection, HOLDERS).values(holder=holder, until=until)
    connection.execute(row.on_conflict_do_update(index_elements=["holder"], set_={"until": until}))


def remove_heartbeat(connection: Connection, holder: str) -> None:
    """End the lease of a process that stops and holds no delivery."""
    connection.execute(delete(HOLDERS).where(HOLDERS.c.holder == holder))


def is_alive(connection: Connection, holder: str, lease: int | None = None) -> bool:
    """Whether the lease of a process lasts, and the process is not known to be dead.

    With `lease`, in milliseconds, the session of the process is looked at, too.
    """
    until = _read_until(connection, holder)
    now = read_database_clock(connection)
    if until is None or until <= now:
        return False
    if lease is None or now < until - lease + lease * _SILENT_PART:
        return True
    return has_session(connection, holder)


def is_known_dead(connection: Connection, holder: str) -> bool:
    """Whether a process that recorded heartbeats has no session any more."""
    return _read_until(connection, holder) is not None and not has_session(connection, holder)


def has_session(connection: Connection, holder: str) -> bool:
    """Whether the session of a process stands; true where there are no sessions, as on SQLite."""
    if connection.dialect.name != POSTGRESQL:
        return True
    return bool(connection.scalar(_HAS_SESSION, {"holder": holder}))


def delete_old_heartbeats(connection: Connection, lease: int) -> None:
    """Delete the heartbeats of processes that ended long ago."""
    before = read_database_clock(connection) - _KEPT_LEASES * lease
    connection.execute(delete(HOLDERS).where(HOLDERS.c.until < before))


def _read_until(connection: Connection, holder: str) -> int | None:
    until: int | None = connection.scalar(select(HOLDERS.c.until).where(HOLDERS.c.holder == holder))
    return until
