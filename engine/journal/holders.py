"""The processes that work: each says again and again that it lives; who does not is gone or frozen."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from .shares import now_of
from .tables import HOLDERS, insert_of


def lives(connection: Connection, holder: str, lease: int) -> None:
    """Say that a process lives, and will say so again within `lease` milliseconds."""
    until = now_of(connection) + lease
    row = insert_of(connection, HOLDERS).values(holder=holder, until=until)
    connection.execute(row.on_conflict_do_update(index_elements=["holder"], set_={"until": until}))


def leaves(connection: Connection, holder: str) -> None:
    """A process has ended, and holds nothing."""
    connection.execute(delete(HOLDERS).where(HOLDERS.c.holder == holder))


def is_alive(connection: Connection, holder: str) -> bool:
    """Whether a process has said so lately."""
    until = connection.scalar(select(HOLDERS.c.until).where(HOLDERS.c.holder == holder))
    return until is not None and until > now_of(connection)


def forget(connection: Connection, lease: int) -> None:
    """Forget processes that have not been heard of for very long."""
    connection.execute(delete(HOLDERS).where(HOLDERS.c.until < now_of(connection) - 100 * lease))
