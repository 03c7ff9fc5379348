"""Deliveries taken up, and kept on the way: each step one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    ScalarSelect,
    bindparam,
    func,
    insert,
    select,
    update,
)

from ..findings.errors import JournalError
from .documents import unpacked
from .states import State
from .tables import ATTEMPTS, DELIVERIES, EVENTS, SUSPECT


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


# What each attempt needs is made once: to make a statement takes longer than to carry it out.
_DUE = (
    select(DELIVERIES.c.id, DELIVERIES.c.tenant, DELIVERIES.c.starts)
    .where(
        DELIVERIES.c.state == State.WAITING.value,
        DELIVERIES.c.tenant == bindparam("tenant"),
        DELIVERIES.c.due_at <= bindparam("now"),
    )
    .order_by(DELIVERIES.c.due_at, DELIVERIES.c.id)
    .limit(bindparam("most", type_=Integer))
)
_SUSPECT = _DUE.where(SUSPECT).limit(1)
_NEXT_DUE = select(func.min(DELIVERIES.c.due_at)).where(
    DELIVERIES.c.state == State.WAITING.value, DELIVERIES.c.due_at > bindparam("now")
)


def due(connection: Connection, now: int, room: Mapping[str, int], *, alone: bool) -> list[Due]:
    """What may be taken up: for each tenant so many as there is room for, the longest due first.

    A suspect goes first, and `alone`: when nothing is under way.
    """
    given = [{"tenant": tenant, "now": now, "most": most} for tenant, most in room.items()]
    for one in given:
        suspect = connection.execute(_SUSPECT, one).first()
        if suspect is not None:
            # Nothing is begun before it has had its turn, or it would never be alone.
            return [Due(*suspect)] if alone else []
    return [Due(*row) for one in given for row in connection.execute(_DUE, one)]


def next_due(connection: Connection, now: int) -> int | None:
    """The next moment at which a delivery becomes due; those that are due already do not count."""
    moment: int | None = connection.scalar(_NEXT_DUE, {"now": now})
    return moment


def newest_attempt(delivery: ColumnElement[int]) -> ScalarSelect[int]:
    """The attempt of a delivery that was begun last, in whatever process."""
    return (
        select(func.max(ATTEMPTS.c.id)).where(ATTEMPTS.c.delivery_id == delivery).scalar_subquery()
    )


_TAKE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("of_id"), DELIVERIES.c.state == State.WAITING.value)
    .values(state=State.RUNNING.value, starts=DELIVERIES.c.starts + 1)
    .returning(DELIVERIES)
)
_DOCUMENT = select(EVENTS.c.document).where(EVENTS.c.id == bindparam("of_id"))
_ATTEMPT = insert(ATTEMPTS).returning(ATTEMPTS.c.id)


def take(connection: Connection, id_: int, holder: str, now: int) -> Taken | None:
    """Begin an attempt; None when the delivery is not waiting any more."""
    begun = {"of_id": id_, "holder": holder, "changed_at": now}
    row = connection.execute(_TAKE, begun).one_or_none()
    if row is None:
        return None
    document = connection.scalar(_DOCUMENT, {"of_id": row.event_id})
    given = _given_before(connection, row) if row.is_unsure else None
    first = {
        "delivery_id": id_,
        "number": row.attempts + 1,
        "holder": holder,
        "started_at": now,
    }
    attempt = connection.scalar(_ATTEMPT, first)
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


_KEEP = update(ATTEMPTS).where(
    ATTEMPTS.c.id == bindparam("attempt"), newest_attempt(bindparam("of_id")) == ATTEMPTS.c.id
)


def keep(
    connection: Connection, taken: Taken, version: str, pinned: bytes, payloads: bytes
) -> None:
    """Keep what is about to be written, and what it was made of: from here on nobody is sure.

    Raise JournalError when somebody else has taken the delivery over: then nothing may be written.
    """
    values = {"version": version, "pinned": pinned, "payloads": payloads}
    given = {**values, "attempt": taken.attempt, "of_id": taken.id}
    if connection.execute(_KEEP, given).rowcount != 1:
        raise JournalError("another process has taken the delivery over")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands."""

    state: State
    attempts: int
    reason: str | None
    words: str | None
    mapping: str

    @property
    def has_ended(self) -> bool:
        """Whether an attempt has come to an end, or none is under way or due."""
        return self.state is not State.RUNNING and (
            self.attempts > 0 or self.state is not State.WAITING
        )


_STANDING = select(
    DELIVERIES.c.state,
    DELIVERIES.c.attempts,
    DELIVERIES.c.reason,
    DELIVERIES.c.words,
    DELIVERIES.c.mapping,
).where(DELIVERIES.c.id == bindparam("of_id"))


def standing(connection: Connection, id_: int) -> Standing:
    """Where a delivery stands now."""
    state, *rest = connection.execute(_STANDING, {"of_id": id_}).one()
    return Standing(State(state), *rest)
