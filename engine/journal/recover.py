"""Deliveries of processes that ended or froze: recovered, so that another process claims them.

Such a process may have written the records whose payloads it recorded: they are in doubt. A delivery
that was claimed too often without an end is parked. Queues may hand out a delivery twice or too early:
here the journal decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, case, select, update

from .heartbeat import is_alive
from .states import EVERY_DOUBT, DeliveryState
from .tables import ATTEMPTS, DELIVERIES, POISON_STARTS

POISONED = "poisoned"
_D = DELIVERIES.c
# Milliseconds until a delivery that a living process holds is checked again.
_HELD_MILLISECONDS = 2_000


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a delivery can be claimed: now, in `wait` milliseconds, or never (`is_over`).

    `starts` counts claims since an attempt last ended.
    """

    wait: int = 0
    starts: int = 0
    is_over: bool = False


def check_availability(
    connection: Connection, id_: int, holder: str, now: int, lease: int | None = None
) -> Availability:
    """Check a delivery that a queue handed to `holder`; recover it when its holder has ended.

    `lease` is as in `is_alive`.
    """
    row = _read_delivery(connection, id_)
    if row is not None and row.state == DeliveryState.RUNNING:
        if row.holder != holder and is_alive(connection, row.holder, lease):
            return Availability(wait=_HELD_MILLISECONDS)
        _recover(connection, (_D.id == id_) & (_D.holder == row.holder), now)
        row = _read_delivery(connection, id_)
    if row is None or row.state != DeliveryState.WAITING:
        return Availability(is_over=True)
    # At most the wait that was recorded: the clock may have been set back since.
    wait = min(row.due_at - now, row.due_at - row.changed_at)
    return Availability(wait=max(0, wait), starts=row.starts)


def find_open(connection: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """Those of the deliveries that wait or run, with their tenants."""
    rows = connection.execute(
        select(_D.id, _D.tenant).where(
            _D.id.in_(ids), _D.state.in_((DeliveryState.WAITING, DeliveryState.RUNNING))
        )
    )
    return {row.id: row.tenant for row in rows}


def recover_deliveries(connection: Connection, now: int) -> list[int]:
    """Recover all running deliveries, when no process runs; their ids."""
    return _recover(connection, _D.id > 0, now)


def recover_expired(connection: Connection, now: int, lease: int | None = None) -> list[int]:
    """Recover the deliveries of processes whose lease has expired, or that are dead; their ids.

    `lease` is as in `is_alive`.
    """
    holders = select(_D.holder).where(_D.state == DeliveryState.RUNNING).distinct()
    expired = [one for one in connection.scalars(holders) if not is_alive(connection, one, lease)]
    return _recover(connection, _D.holder.in_(expired), now) if expired else []


def recover_lost(connection: Connection, holder: str, running: Collection[int], now: int) -> None:
    """Recover what a process holds and does not attempt: it never learned that its claim was committed."""
    _recover(connection, (_D.holder == holder) & _D.id.not_in(running), now)


def shorten_waits(connection: Connection, now: int) -> None:
    """Correct waits that were recorded by a clock ahead of `now`: none lasts longer than recorded.

    Only for a journal of one machine: the clocks of several differ.
    """
    connection.execute(
        update(DELIVERIES)
        .where(_D.state == DeliveryState.WAITING, _D.changed_at > now)
        .values(due_at=_D.due_at - _D.changed_at + now, changed_at=now)
    )


def _recover(connection: Connection, chosen: ColumnElement[bool], now: int) -> list[int]:
    """Park those of the chosen running deliveries that are poison, make the others due; their ids."""
    running = chosen & (_D.state == DeliveryState.RUNNING)
    # Payloads are recorded before the first request that writes: without them, nothing was sent.
    newest = select(ATTEMPTS.c.pinned).where(ATTEMPTS.c.delivery_id == _D.id)
    pinned = newest.order_by(ATTEMPTS.c.id.desc()).limit(1).scalar_subquery()
    doubts = case((pinned.is_not(None), EVERY_DOUBT), else_=_D.doubts)
    poisoned = {
        "state": DeliveryState.PARKED,
        "reason": POISONED,
        "words": f"{POISON_STARTS} times the process that attempted it ended without a result",
        "holder": None,
        "doubts": doubts,
        "due_at": None,
        "changed_at": now,
    }
    connection.execute(
        update(DELIVERIES).where(running, _D.starts >= POISON_STARTS).values(poisoned)
    )
    recovered = {
        "state": DeliveryState.WAITING,
        "due_at": now,
        "holder": None,
        "doubts": doubts,
        "changed_at": now,
    }
    changed = update(DELIVERIES).where(running).values(recovered).returning(_D.id)
    return list(connection.scalars(changed))


def _read_delivery(connection: Connection, id_: int) -> Row[str, int, int, int, str] | None:
    query = select(_D.state, _D.due_at, _D.changed_at, _D.starts, _D.holder)
    return connection.execute(query.where(_D.id == id_)).one_or_none()
