"""A delivery that a queue hands out: whether it can be taken up now, later, or not at all.

Queues hand out more than once, too early, and what another process is at work on: here the journal
decides. What somebody holds who is gone or frozen is taken over; he may have written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, select

from .holders import is_alive
from .recovering import recover, recover_one
from .states import State
from .tables import DELIVERIES

_D = DELIVERIES.c
# A holder that lives may be gone a moment later, so it is asked again.
_HELD_MILLISECONDS = 2_000


@dataclass(frozen=True, slots=True)
class Handed:
    """What is to be done with it: `wait` milliseconds, or take it up now, or nothing (`is_over`).

    `starts` says how often it was begun and never ended.
    """

    wait: int = 0
    starts: int = 0
    is_over: bool = False


def handed(connection: Connection, id_: int, holder: str, now: int) -> Handed:
    """What becomes of a delivery that was handed to `holder`, who is not at work on it."""
    row = _row(connection, id_)
    if row is not None and row.state == State.RUNNING:
        if row.holder != holder and is_alive(connection, row.holder):
            return Handed(wait=_HELD_MILLISECONDS)
        recover_one(connection, id_, row.holder, now)
        row = _row(connection, id_)
    if row is None or row.state != State.WAITING:
        return Handed(is_over=True)
    # Never longer than when it was written: the clock may have been put back since.
    wait = min(row.due_at - now, row.due_at - row.changed_at)
    return Handed(wait=max(0, wait), starts=row.starts)


def due_ones(now: int) -> Select[int, str]:
    """Deliveries that are due: id and tenant."""
    return select(DELIVERIES.c.id, DELIVERIES.c.tenant).where(
        DELIVERIES.c.state == State.WAITING, DELIVERIES.c.due_at <= now
    )


def open_ones(connection: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """Of these deliveries those that wait or are under way: their tenants."""
    rows = connection.execute(
        select(DELIVERIES.c.id, DELIVERIES.c.tenant).where(
            DELIVERIES.c.id.in_(ids), DELIVERIES.c.state.in_((State.WAITING, State.RUNNING))
        )
    )
    return {row.id: row.tenant for row in rows}


def recover_gone(connection: Connection, now: int) -> list[int]:
    """Give back what processes hold that are gone; their ids."""
    named = select(DELIVERIES.c.holder).where(DELIVERIES.c.state == State.RUNNING).distinct()
    gone = [holder for holder in connection.scalars(named) if not is_alive(connection, holder)]
    return recover(connection, now, gone) if gone else []


def _row(connection: Connection, id_: int) -> Row[str, int, int, int, str] | None:
    query = select(_D.state, _D.due_at, _D.changed_at, _D.starts, _D.holder)
    return connection.execute(query.where(_D.id == id_)).one_or_none()
