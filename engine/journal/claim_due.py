"""Due deliveries of a shared journal, found and claimed in one transaction. Only for PostgreSQL.

Rows that another process is claiming are passed over, so that no process waits for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text, update

from .claim import Claim, begin_attempt
from .states import DeliveryState
from .tables import DELIVERIES, SUSPECT_STARTS

_ROOM = "unnest(cast(:tenants as text[]), cast(:most as int[])) as room(tenant, most)"
_DUE = (
    f"select id from deliveries where state = '{DeliveryState.WAITING.value}'"  # noqa: S608 - constants
    " and deliveries.tenant = room.tenant and due_at <= :now"
)
_SUSPECT = text(
    f"select due.id from {_ROOM}, lateral ({_DUE} and starts >= {SUSPECT_STARTS}"  # noqa: S608 - constants
    " order by due_at, id limit 1 for update skip locked) as due order by due.id limit 1"
)
_FOUND = text(
    f"select due.id from {_ROOM}, lateral ({_DUE}"  # noqa: S608 - constants
    " order by due_at, id limit room.most for update skip locked) as due order by due.id"
)
_NEXT_DUE = text(
    f"select min(due_at) from {_ROOM}, lateral (select min(due_at) as due_at from deliveries"  # noqa: S608 - constants
    f" where state = '{DeliveryState.WAITING.value}' and deliveries.tenant = room.tenant"
    " and due_at > :now) as due"
)


@dataclass(frozen=True, slots=True)
class Claimant:
    """The process that claims: its name, the time (milliseconds since 1970), whether it runs nothing."""

    holder: str
    now: int
    is_idle: bool


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """What was claimed, and when the next delivery is due. A suspect is claimed alone."""

    claims: tuple[Claim, ...] = ()
    is_suspect: bool = False
    next_due: int | None = None


def claim_due(connection: Connection, claimant: Claimant, room: Mapping[str, int]) -> ClaimedBatch:
    """Claim due deliveries, the earliest first: for each tenant at most the number in `room`.

    As in `find_due`, a suspect comes first, when the process runs no other delivery, and alone.
    """
    given = {"tenants": list(room), "most": list(room.values()), "now": claimant.now}
    suspect = connection.scalar(_SUSPECT, given)
    if suspect is not None and not claimant.is_idle:
        return ClaimedBatch()
    ids = list(connection.scalars(_FOUND, given)) if suspect is None else [suspect]
    claims = tuple(_claim(connection, ids, claimant)) if ids else ()
    return ClaimedBatch(claims, suspect is not None, connection.scalar(_NEXT_DUE, given))


def _claim(connection: Connection, ids: list[int], claimant: Claimant) -> list[Claim]:
    claimed = (
        update(DELIVERIES)
        .where(DELIVERIES.c.id.in_(ids))
        .values(
            state=DeliveryState.RUNNING,
            starts=DELIVERIES.c.starts + 1,
            holder=claimant.holder,
            changed_at=claimant.now,
        )
        .returning(DELIVERIES)
    )
    rows = connection.execute(claimed).all()
    return [begin_attempt(connection, row, claimant.holder, claimant.now) for row in rows]
