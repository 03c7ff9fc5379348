"""Deliveries that nobody holds any more: given back, or parked when they have killed too often."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, update

from .states import State
from .tables import DELIVERIES, POISON_STARTS

POISONED = "poisoned"


def recover(connection: Connection, now: int, holders: Sequence[str] | None = None) -> list[int]:
    """Give back what nobody holds any more; what was begun too often is parked. Gives their ids.

    `holders` are those who are gone; without it, all of them.
    """
    left = DELIVERIES.c.state == State.RUNNING
    if holders is not None:
        left &= DELIVERIES.c.holder.in_(holders)
    return _given_back(connection, left, now)


def bring_forward(connection: Connection, now: int) -> None:
    """Let what waits wait no longer than it had to when that was written, if that lies in the future.

    The clock was put back since, or is another one's. Not for a journal of several machines.
    """
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.state == State.WAITING, DELIVERIES.c.changed_at > now)
        .values(due_at=DELIVERIES.c.due_at - DELIVERIES.c.changed_at + now, changed_at=now)
    )


def recover_one(connection: Connection, id_: int, holder: str, now: int) -> None:
    """The same with one delivery, where `holder` holds it still."""
    left = (DELIVERIES.c.id == id_) & (DELIVERIES.c.holder == holder)
    _given_back(connection, left & (DELIVERIES.c.state == State.RUNNING), now)


def _given_back(connection: Connection, left: ColumnElement[bool], now: int) -> list[int]:
    poisoned = {
        "state": State.PARKED,
        "reason": POISONED,
        "words": f"{POISON_STARTS} times whoever worked at it ended without a word",
        "holder": None,
        "is_unsure": True,
        "due_at": None,
        "changed_at": now,
    }
    connection.execute(
        update(DELIVERIES).where(left, DELIVERIES.c.starts >= POISON_STARTS).values(poisoned)
    )
    again = {
        "state": State.WAITING,
        "due_at": now,
        "holder": None,
        "is_unsure": True,
        "changed_at": now,
    }
    given = update(DELIVERIES).where(left).values(again).returning(DELIVERIES.c.id)
    return list(connection.scalars(given))
