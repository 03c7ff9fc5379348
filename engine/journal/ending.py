"""Attempts brought to their end, each in one transaction: `taking` is where they begin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from .locking import hold_orders
from .states import State
from .tables import ATTEMPTS, DELIVERIES
from .taking import Taken, newest_attempt
from .texts import storable


@dataclass(frozen=True, slots=True)
class End:
    """How an attempt ended. `due_at` is for one that waits, `moved` are the days of records that moved."""

    state: State
    at: int
    reason: str | None = None
    words: str | None = None
    fingerprint: str | None = None
    due_at: int | None = None
    attempts: int = 1
    is_unsure: bool = False
    waited: Mapping[str, tuple[int, int]] | None = None
    posted: str = "[]"
    version: str | None = None
    answers: bytes | None = None
    steps: str | None = None
    moved: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt's end, written. `released` is the delivery of the same order that may go on.

    `is_ours` is false when somebody else has taken the delivery over: then nothing was written.
    """

    is_ours: bool
    released: int | None = None


# What each attempt needs is made once: to make a statement takes longer than to carry it out.
_DELIVERY = (
    update(DELIVERIES)
    .where(
        DELIVERIES.c.id == bindparam("of_id"),
        DELIVERIES.c.holder == bindparam("by_holder"),
        newest_attempt(bindparam("of_id")) == bindparam("attempt"),
    )
    .values(starts=0, holder=None)
    .returning(DELIVERIES.c.tenant, DELIVERIES.c.order_key)
)
_ATTEMPT = (
    update(ATTEMPTS)
    .where(ATTEMPTS.c.id == bindparam("attempt"))
    .values(version=func.coalesce(ATTEMPTS.c.version, bindparam("by_version")))
)
_FIRST_HELD = select(func.min(DELIVERIES.c.id)).where(
    DELIVERIES.c.tenant == bindparam("tenant"),
    DELIVERIES.c.order_key == bindparam("order_key"),
    DELIVERIES.c.state == State.HELD.value,
)


def end(connection: Connection, taken: Taken, holder: str, ended: End) -> Ended:
    """Bring an attempt to its end, and let the next delivery of its order go on after the last."""
    row = connection.execute(_DELIVERY, _row_of(taken, holder, ended)).one_or_none()
    if row is None:
        return Ended(is_ours=False)
    values = {
        "attempt": taken.attempt,
        "by_version": ended.version,
        "ended_at": ended.at,
        "state": ended.state,
        "reason": _storable(ended.reason),
        "words": _storable(ended.words),
        "answers": ended.answers,
        "steps": ended.steps,
    }
    connection.execute(_ATTEMPT, values)
    if ended.state not in State.ended():
        return Ended(is_ours=True)
    return Ended(is_ours=True, released=_next(connection, row.tenant, row.order_key, ended.at))


def _row_of(taken: Taken, holder: str, ended: End) -> dict[str, object]:
    return {
        "of_id": taken.id,
        "by_holder": holder,
        "attempt": taken.attempt,
        "state": ended.state,
        "reason": _storable(ended.reason),
        "words": _storable(ended.words),
        "fingerprint": ended.fingerprint,
        "due_at": ended.due_at,
        "attempts": ended.attempts,
        "is_unsure": ended.is_unsure,
        "waited": json.dumps(ended.waited or {}),
        "posted": ended.posted,
        "changed_at": ended.at,
    }


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def release(connection: Connection, id_: int, now: int) -> int | None:
    """Let the next delivery of the same order go on; its id, if there is one."""
    own = select(DELIVERIES.c.tenant, DELIVERIES.c.order_key).where(DELIVERIES.c.id == id_)
    tenant, order_key = connection.execute(own).one()
    return _next(connection, tenant, order_key, now)


def _next(connection: Connection, tenant: str, order_key: str, now: int) -> int | None:
    hold_orders(connection, [(tenant, order_key)])
    of_order = {"tenant": tenant, "order_key": order_key}
    next_: int | None = connection.scalar(_FIRST_HELD, of_order)
    if next_ is not None:
        values = {"state": State.WAITING, "due_at": now, "changed_at": now}
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == next_).values(values))
    return next_
