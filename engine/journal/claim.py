"""Due deliveries: found, claimed by a process, and their payloads recorded before they are sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
from .pack import unpack
from .states import DeliveryState
from .tables import ATTEMPTS, DELIVERIES, EVENTS, SUSPECT

# Milliseconds within which a due delivery is claimed while a service runs, a backlog included.
_CLAIMED_WITHIN = 10 * 60_000


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that is due; `starts` counts claims since an attempt last ended."""

    id: int
    tenant: str
    starts: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that is due at a time (milliseconds since 1970)."""

    delivery: int
    tenant: str
    due_at: int


# Adds jobs to the queue of an engine, within the transaction that makes the deliveries due.
Enqueue = Callable[[Connection, Sequence[Job]], None]


@dataclass(frozen=True, slots=True)
class WrittenAttempt:
    """The last attempt that was about to write: its packed inputs, mapping version and payloads."""

    pinned: bytes
    version: str
    payloads: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a process has claimed: its event, and the results of earlier attempts.

    `attempt` is the id of the new attempt; `attempts` is the number of earlier ones. `waited` has
    for each retry rule the number of waits and the time of the first. `order` is the order number
    that people know. `document` is the packed event. `doubts` are the names of the records that may
    stand. `given` is what the last attempt had that was about to write, if any record stands or may
    stand; `is_anew` says that an operator requested new inputs since.
    """

    id: int
    attempt: int
    tenant: str
    mapping: str
    document: bytes | None
    attempts: int
    since: int
    doubts: frozenset[str]
    waited: Mapping[str, tuple[int, int]]
    posted: str
    given: WrittenAttempt | None
    event_id: int
    order: str
    is_anew: bool = False

    @property
    def event(self) -> object:
        """The event, None when it was purged. Raise DamagedError."""
        return None if self.document is None else unpack(self.document)


# Statements that each attempt needs are built once: building one takes longer than running it.
_DUE = (
    select(DELIVERIES.c.id, DELIVERIES.c.tenant, DELIVERIES.c.starts)
    .where(
        DELIVERIES.c.state == DeliveryState.WAITING.value,
        DELIVERIES.c.tenant == bindparam("tenant"),
        DELIVERIES.c.due_at <= bindparam("now"),
    )
    .order_by(DELIVERIES.c.due_at, DELIVERIES.c.id)
    .limit(bindparam("most", type_=Integer))
)
_SUSPECT = _DUE.where(SUSPECT).limit(1)
_NEXT_DUE = select(func.min(DELIVERIES.c.due_at)).where(
    DELIVERIES.c.state == DeliveryState.WAITING.value, DELIVERIES.c.due_at > bindparam("now")
)


def find_due(
    connection: Connection, now: int, room: Mapping[str, int], *, is_idle: bool
) -> list[DueDelivery]:
    """Due deliveries, the earliest first: for each tenant at most the number in `room`.

    A suspect, which may have crashed its process, comes first. It is returned only when the process
    runs no other delivery (`is_idle`), and until then no other delivery is returned.
    """
    limits = [{"tenant": tenant, "now": now, "most": most} for tenant, most in room.items()]
    for limit in limits:
        suspect = connection.execute(_SUSPECT, limit).first()
        if suspect is not None:
            # If other deliveries kept starting, the process would never be free for the suspect.
            return [DueDelivery(*suspect)] if is_idle else []
    return [DueDelivery(*row) for limit in limits for row in connection.execute(_DUE, limit)]


def find_next_due(connection: Connection, now: int) -> int | None:
    """The next time after `now` at which a delivery becomes due."""
    due_at: int | None = connection.scalar(_NEXT_DUE, {"now": now})
    return due_at


def find_due_and_next(
    connection: Connection, now: int, room: Mapping[str, int], *, is_idle: bool
) -> tuple[list[DueDelivery], int | None]:
    """Due deliveries as in `find_due`, and the next time at which one becomes due."""
    return find_due(connection, now, room, is_idle=is_idle), find_next_due(connection, now)


def select_newest_attempt(delivery: ColumnElement[int]) -> ScalarSelect[int]:
    """The id of the newest attempt of a delivery, in any process."""
    return (
        select(func.max(ATTEMPTS.c.id)).where(ATTEMPTS.c.delivery_id == delivery).scalar_subquery()
    )


_CLAIM = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("of_id"), DELIVERIES.c.state == DeliveryState.WAITING.value)
    .values(state=DeliveryState.RUNNING.value, starts=DELIVERIES.c.starts + 1)
    .returning(DELIVERIES)
)
_DOCUMENT = select(EVENTS.c.document).where(EVENTS.c.id == bindparam("of_id"))
_WRITTEN_ATTEMPT = (
    select(
        ATTEMPTS.c.pinned,
        ATTEMPTS.c.version,
        ATTEMPTS.c.payloads,
        ATTEMPTS.c.started_at < func.coalesce(DELIVERIES.c.anew_at, 0),
    )
    .join(DELIVERIES, DELIVERIES.c.id == ATTEMPTS.c.delivery_id)
    .where(ATTEMPTS.c.delivery_id == bindparam("of_id"), ATTEMPTS.c.pinned.is_not(None))
    .order_by(ATTEMPTS.c.id.desc())
    .limit(1)
)
_ATTEMPT = insert(ATTEMPTS).returning(ATTEMPTS.c.id)


def claim_delivery(connection: Connection, id_: int, holder: str, now: int) -> Claim | None:
    """Begin an attempt at a delivery; None when the delivery no longer waits."""
    claimed = {"of_id": id_, "holder": holder, "changed_at": now}
    row = connection.execute(_CLAIM, claimed).one_or_none()
    return None if row is None else begin_attempt(connection, row, holder, now)


def begin_attempt(connection: Connection, row: Row[Any], holder: str, now: int) -> Claim:
    """Begin an attempt at a delivery whose row the transaction has set to running."""
    id_: int = row.id
    document = connection.scalar(_DOCUMENT, {"of_id": row.event_id})
    doubts = frozenset(json.loads(row.doubts))
    given, is_anew = None, False
    if doubts or row.posted != "[]":
        given, is_anew = read_written_attempt(connection, id_)
    first = {
        "delivery_id": id_,
        "number": row.attempts + 1,
        "holder": holder,
        "started_at": now,
    }
    attempt = connection.scalar(_ATTEMPT, first)
    assert attempt is not None
    lost = _uncounted_time(row, now)
    waited = {
        rule: (times, since + lost) for rule, (times, since) in json.loads(row.waited).items()
    }
    return Claim(
        id=id_,
        attempt=attempt,
        tenant=row.tenant,
        mapping=row.mapping,
        document=document,
        attempts=row.attempts,
        since=row.created_at + lost,
        doubts=doubts,
        waited=waited,
        posted=row.posted,
        given=given,
        event_id=row.event_id,
        order=row.order_shown,
        is_anew=is_anew,
    )


def _uncounted_time(row: Row[Any], now: int) -> int:
    """Milliseconds in which no attempt was possible: they do not count towards the end of a retry rule.

    No process ran, or the clock was set ahead: a delivery that is due is claimed within minutes.
    """
    late = now - (now if row.due_at is None else row.due_at)
    return late if late > _CLAIMED_WITHIN else 0


def read_written_attempt(connection: Connection, id_: int) -> tuple[WrittenAttempt | None, bool]:
    """The last attempt of a delivery that was about to write.

    With it, whether an operator requested new inputs since that attempt began.
    """
    before = connection.execute(_WRITTEN_ATTEMPT, {"of_id": id_}).one_or_none()
    if before is None:
        return None, False
    *written, is_anew = before
    return WrittenAttempt(*written), bool(is_anew)


_NOTE_STANDING = update(DELIVERIES).where(
    DELIVERIES.c.id == bindparam("of_id"),
    DELIVERIES.c.state == DeliveryState.RUNNING.value,
    DELIVERIES.c.holder == bindparam("by_holder"),
)
_RECORD_PAYLOADS = update(ATTEMPTS).where(
    ATTEMPTS.c.id == bindparam("attempt"),
    select_newest_attempt(bindparam("of_id")) == ATTEMPTS.c.id,
)


def record_payloads(
    connection: Connection, claim: Claim, holder: str, written: WrittenAttempt, posted: str
) -> None:
    """Record the payloads and their inputs before they are sent; from then on the attempt is unsure.

    `posted` are the records that stand then. Raise JournalError when the holder no longer holds the
    delivery: then nothing may be sent. The delivery is locked, so that nobody takes it over meanwhile.
    """
    held = {"of_id": claim.id, "by_holder": holder, "posted": posted}
    values = {"version": written.version, "pinned": written.pinned, "payloads": written.payloads}
    given = {**values, "attempt": claim.attempt, "of_id": claim.id}
    if (
        connection.execute(_NOTE_STANDING, held).rowcount != 1
        or connection.execute(_RECORD_PAYLOADS, given).rowcount != 1
    ):
        raise JournalError("another process has taken the delivery over")


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """The state of a delivery and its reason, at one time."""

    state: DeliveryState
    attempts: int
    reason: str | None
    words: str | None
    mapping: str

    @property
    def has_ended(self) -> bool:
        """Whether an attempt has ended, or none is running or due."""
        return self.state is not DeliveryState.RUNNING and (
            self.attempts > 0 or self.state is not DeliveryState.WAITING
        )


_STATUS = select(
    DELIVERIES.c.state,
    DELIVERIES.c.attempts,
    DELIVERIES.c.reason,
    DELIVERIES.c.words,
    DELIVERIES.c.mapping,
).where(DELIVERIES.c.id == bindparam("of_id"))


def read_status(connection: Connection, id_: int) -> DeliveryStatus:
    """The current status of a delivery."""
    state, *rest = connection.execute(_STATUS, {"of_id": id_}).one()
    return DeliveryStatus(DeliveryState(state), *rest)
