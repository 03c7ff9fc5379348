"""The end of an attempt, recorded; it releases the next delivery of the order. `claim` begins attempts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from .claim import Claim, Enqueue, Job, select_newest_attempt
from .dialects import escape_text, lock_orders
from .states import DeliveryState
from .tables import ATTEMPTS, DELIVERIES


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How an attempt ended, with the new values of its delivery.

    `due_at` is set for a delivery that waits. `doubts` names the records that may stand. `moved` names
    records whose date was moved out of a closed accounting period.
    """

    state: DeliveryState
    at: int
    reason: str | None = None
    words: str | None = None
    fingerprint: str | None = None
    due_at: int | None = None
    attempts: int = 1
    doubts: tuple[str, ...] = ()
    waited: Mapping[str, tuple[int, int]] | None = None
    posted: str = "[]"
    version: str | None = None
    answers: bytes | None = None
    steps: str | None = None
    moved: tuple[Mapping[str, object], ...] = ()


# Statements that each attempt needs are built once: building one takes longer than running it.
_DELIVERY = (
    update(DELIVERIES)
    .where(
        DELIVERIES.c.id == bindparam("of_id"),
        DELIVERIES.c.holder == bindparam("by_holder"),
        select_newest_attempt(bindparam("of_id")) == bindparam("attempt"),
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
    DELIVERIES.c.state == DeliveryState.HELD.value,
)


def finish_attempt(
    connection: Connection,
    claim: Claim,
    holder: str,
    ended: AttemptEnd,
    enqueue: Enqueue | None = None,
) -> bool:
    """Record the end of an attempt; a final state releases the next delivery of the order.

    `enqueue` receives the deliveries that are due after it. Return false when another process has
    taken the delivery over: then nothing is recorded.
    """
    row = connection.execute(_DELIVERY, _delivery_row(claim, holder, ended)).one_or_none()
    if row is None:
        return False
    values = {
        "attempt": claim.attempt,
        "by_version": ended.version,
        "ended_at": ended.at,
        "state": ended.state,
        "reason": _escape(ended.reason),
        "words": _escape(ended.words),
        "answers": ended.answers,
        "steps": ended.steps,
    }
    connection.execute(_ATTEMPT, values)
    due = [] if ended.due_at is None else [Job(claim.id, claim.tenant, ended.due_at)]
    if ended.state in DeliveryState.final():
        released = _release_next(connection, row.tenant, row.order_key, ended.at)
        due += [] if released is None else [Job(released, claim.tenant, ended.at)]
    if due and enqueue is not None:
        enqueue(connection, due)
    return True


def _delivery_row(claim: Claim, holder: str, ended: AttemptEnd) -> dict[str, object]:
    return {
        "of_id": claim.id,
        "by_holder": holder,
        "attempt": claim.attempt,
        "state": ended.state,
        "reason": _escape(ended.reason),
        "words": _escape(ended.words),
        "fingerprint": ended.fingerprint,
        "due_at": ended.due_at,
        "attempts": ended.attempts,
        "doubts": json.dumps(ended.doubts),
        "waited": json.dumps(ended.waited or {}),
        "posted": ended.posted,
        "changed_at": ended.at,
    }


def _escape(text: str | None) -> str | None:
    return None if text is None else escape_text(text)


def release_next(connection: Connection, id_: int, now: int) -> int | None:
    """Make the next held delivery of the same order due; its id, None when there is none."""
    own = select(DELIVERIES.c.tenant, DELIVERIES.c.order_key).where(DELIVERIES.c.id == id_)
    tenant, order_key = connection.execute(own).one()
    return _release_next(connection, tenant, order_key, now)


def _release_next(connection: Connection, tenant: str, order_key: str, now: int) -> int | None:
    lock_orders(connection, [(tenant, order_key)])
    of_order = {"tenant": tenant, "order_key": order_key}
    next_: int | None = connection.scalar(_FIRST_HELD, of_order)
    if next_ is not None:
        values = {"state": DeliveryState.WAITING, "due_at": now, "changed_at": now}
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == next_).values(values))
    return next_
