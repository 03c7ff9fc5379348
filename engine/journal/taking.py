"""Deliveries taken up, kept on the way, and brought to an end: each step one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from ..errors import JournalError
from .documents import unpacked
from .locking import hold_order
from .recovering import POISON_STARTS
from .states import State
from .tables import ATTEMPTS, DELIVERIES, EVENTS

# One that was begun this often is taken up alone, so that the innocent are not blamed with it.
SUSPECT_STARTS = POISON_STARTS - 1


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that can be taken up now."""

    id: int
    tenant: str
    starts: int


@dataclass(frozen=True, slots=True)
class Given:
    """What the last attempt that wrote was given, the version of its mapping, and what it sent."""

    pinned: bytes
    version: str
    payloads: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that was taken up: its event, and what earlier attempts came to.

    `attempt` is the id of the attempt that has begun. `waited` has, for each retry rule, how often
    it was waited by, and since when. `order` is its name for people. `document` is the event, packed.
    """

    id: int
    attempt: int
    tenant: str
    mapping: str
    document: bytes | None
    attempts: int
    since: int
    is_unsure: bool
    waited: Mapping[str, tuple[int, int]]
    posted: str
    given: Given | None
    event_id: int
    order: str

    @property
    def event(self) -> object:
        """The event; None when it was removed. Raise DamagedError."""
        return None if self.document is None else unpacked(self.document)


@dataclass(frozen=True, slots=True)
class End:
    """How an attempt ended. `due_at` is for one that waits."""

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


def due(connection: Connection, now: int, room: Mapping[str, int], *, alone: bool) -> list[Due]:
    """What may be taken up: for each tenant so many as there is room for, the longest due first.

    `alone` says that nothing is under way: only then a suspect is among them, and nothing beside it.
    """
    found: list[Due] = []
    for tenant, most in room.items():
        rows = connection.execute(
            select(DELIVERIES.c.id, DELIVERIES.c.tenant, DELIVERIES.c.starts)
            .where(DELIVERIES.c.state == State.WAITING, DELIVERIES.c.tenant == tenant)
            .where(DELIVERIES.c.due_at <= now)
            .order_by(DELIVERIES.c.due_at, DELIVERIES.c.id)
            .limit(most)
        )
        found += [Due(*row) for row in rows]
    suspects = [one for one in found if one.starts >= SUSPECT_STARTS]
    if suspects and alone:
        return suspects[:1]
    return [one for one in found if one.starts < SUSPECT_STARTS]


def next_due(connection: Connection, now: int) -> int | None:
    """The next moment at which a delivery becomes due; those that are due already do not count."""
    waiting = (DELIVERIES.c.state == State.WAITING) & (DELIVERIES.c.due_at > now)
    moment: int | None = connection.scalar(select(func.min(DELIVERIES.c.due_at)).where(waiting))
    return moment


def take(connection: Connection, id_: int, holder: str, now: int) -> Taken | None:
    """Begin an attempt; None when the delivery is not waiting any more."""
    row = connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == id_, DELIVERIES.c.state == State.WAITING)
        .values(state=State.RUNNING, holder=holder, starts=DELIVERIES.c.starts + 1, changed_at=now)
        .returning(DELIVERIES)
    ).one_or_none()
    if row is None:
        return None
    document = connection.scalar(select(EVENTS.c.document).where(EVENTS.c.id == row.event_id))
    given = _given_before(connection, row) if row.is_unsure else None
    attempt = connection.scalar(
        insert(ATTEMPTS)
        .values(
            delivery_id=id_,
            number=row.attempts + 1,
            holder=holder,
            started_at=now,
        )
        .returning(ATTEMPTS.c.id)
    )
    assert attempt is not None
    waited = {rule: (times, since) for rule, (times, since) in json.loads(row.waited).items()}
    return Taken(
        id_,
        attempt,
        row.tenant,
        row.mapping,
        document,
        row.attempts,
        row.created_at,
        row.is_unsure,
        waited,
        row.posted,
        given,
        row.event_id,
        row.order_shown,
    )


def _given_before(connection: Connection, row: Row[Any]) -> Given | None:
    before = connection.execute(
        select(ATTEMPTS.c.pinned, ATTEMPTS.c.version, ATTEMPTS.c.payloads)
        .where(ATTEMPTS.c.delivery_id == row.id, ATTEMPTS.c.pinned.is_not(None))
        .where(ATTEMPTS.c.started_at >= (row.anew_at or 0))
        .order_by(ATTEMPTS.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if before is None else Given(*before)


def keep(
    connection: Connection, taken: Taken, version: str, pinned: bytes, payloads: bytes
) -> None:
    """Keep what is about to be written, and what it was made of: from here on nobody is sure.

    Raise JournalError when somebody else has taken the delivery over: then nothing may be written.
    """
    values = {"version": version, "pinned": pinned, "payloads": payloads}
    mine = (ATTEMPTS.c.id == taken.attempt) & _is_newest(taken)
    if connection.execute(update(ATTEMPTS).where(mine).values(values)).rowcount != 1:
        raise JournalError("another process has taken the delivery over")


def _is_newest(taken: Taken) -> ColumnElement[bool]:
    """Whether nobody has begun the delivery again since, in whatever process."""
    newest = select(func.max(ATTEMPTS.c.id)).where(ATTEMPTS.c.delivery_id == taken.id)
    return newest.scalar_subquery() == taken.attempt


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt's end, written. `released` is the delivery of the same order that may go on.

    `is_ours` is false when somebody else has taken the delivery over: then nothing was written.
    """

    is_ours: bool
    released: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands."""

    state: State
    attempts: int
    reason: str | None
    words: str | None

    @property
    def has_ended(self) -> bool:
        """Whether an attempt has come to an end, or none is under way or due."""
        return self.state is not State.RUNNING and (
            self.attempts > 0 or self.state is not State.WAITING
        )


def standing(connection: Connection, id_: int) -> Standing:
    """Where a delivery stands now."""
    columns = (DELIVERIES.c.state, DELIVERIES.c.attempts, DELIVERIES.c.reason, DELIVERIES.c.words)
    state, attempts, reason, words = connection.execute(
        select(*columns).where(DELIVERIES.c.id == id_)
    ).one()
    return Standing(State(state), attempts, reason, words)


def end(connection: Connection, taken: Taken, holder: str, ended: End) -> Ended:
    """Bring an attempt to its end, and let the next delivery of its order go on after the last."""
    values = {
        "state": ended.state,
        "reason": ended.reason,
        "words": ended.words,
        "fingerprint": ended.fingerprint,
        "due_at": ended.due_at,
        "starts": 0,
        "attempts": ended.attempts,
        "is_unsure": ended.is_unsure,
        "waited": json.dumps(ended.waited or {}),
        "posted": ended.posted,
        "holder": None,
        "changed_at": ended.at,
    }
    done = connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == taken.id, DELIVERIES.c.holder == holder, _is_newest(taken))
        .values(values)
    )
    if done.rowcount != 1:
        return Ended(is_ours=False)
    connection.execute(
        update(ATTEMPTS)
        .where(ATTEMPTS.c.id == taken.attempt)
        .values(
            ended_at=ended.at,
            state=ended.state,
            reason=ended.reason,
            words=ended.words,
            version=func.coalesce(ATTEMPTS.c.version, ended.version),
            answers=ended.answers,
            steps=ended.steps,
        )
    )
    is_last = ended.state in State.ended()
    return Ended(
        is_ours=True, released=release(connection, taken.id, ended.at) if is_last else None
    )


def release(connection: Connection, id_: int, now: int) -> int | None:
    """Let the next delivery of the same order go on; its id, if there is one."""
    own = select(DELIVERIES.c.tenant, DELIVERIES.c.order_key).where(DELIVERIES.c.id == id_)
    tenant, order_key = connection.execute(own).one()
    hold_order(connection, tenant, order_key)
    held = (
        select(func.min(DELIVERIES.c.id))
        .where(DELIVERIES.c.tenant == tenant, DELIVERIES.c.order_key == order_key)
        .where(DELIVERIES.c.state == State.HELD)
    )
    next_: int | None = connection.scalar(held)
    if next_ is not None:
        values = {"state": State.WAITING, "due_at": now, "changed_at": now}
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == next_).values(values))
    return next_
