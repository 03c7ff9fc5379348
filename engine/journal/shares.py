"""The allowance of an account, divided into shares: maximum concurrent requests of each process.

A share is a lease by the database's clock. A process that froze keeps its share until the lease expires,
because its requests may still be open at the ledger; that of a dead process shrinks sooner. So a process sends a request
only while its lease lasts longer than the request's deadline. Leases of one account are granted one
after another.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from .dialects import insert_into, read_database_clock
from .heartbeat import is_known_dead
from .tables import ALLOWANCES, SHARES

# Refusals within BURST lower the allowance once; it then grows by one after each CREEP.
BURST_MILLISECONDS = 2_000
CREEP_MILLISECONDS = 10_000
# What a dead process had open counts in full for so long after its last claim, because the ledger goes on
# with it. Then it counts one less after each STEP: few requests last longer.
_LEFT_MILLISECONDS = 5_000
LEFT_STEP_MILLISECONDS = 500
# A process that holds a share claims every second: one that has claimed within so long is alive.
_SILENT_MILLISECONDS = 3_000
# When there are more processes than allowed requests, they take turns of this length.
_ROUND_MILLISECONDS = 10_000


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """The share that a process requests: the concurrent requests that it wants, and those now open.

    `most` is the configured allowance of the account, `lease` is in milliseconds; `was_throttled`
    says that the ledger refused a request because there were too many.
    """

    account: str
    holder: str
    most: int
    wanted: int
    open: int
    lease: int
    was_throttled: bool = False


def lease_share(connection: Connection, request: ShareRequest) -> int:
    """Renew a lease; the concurrent requests that it allows, which may be more or fewer than before."""
    cap, now = _lock_cap(connection, request)
    rows = connection.execute(
        select(SHARES.c.holder, SHARES.c.held, SHARES.c.wanted, SHARES.c.until).where(
            SHARES.c.account == request.account
        )
    ).all()
    expired = [row.holder for row in rows if row.until <= now and row.holder != request.holder]
    others = {row.holder: row for row in rows if row.until > now and row.holder != request.holder}
    silent = {holder: now - (row.until - request.lease) for holder, row in others.items()}
    dead = {
        holder: count_left(others.pop(holder).held, since)
        for holder, since in silent.items()
        if since >= _SILENT_MILLISECONDS and is_known_dead(connection, holder)
    }
    wants = {holder: max(row.wanted, 0) for holder, row in others.items()}
    wants[request.holder] = request.wanted
    share = divide_allowance(cap, wants, now // _ROUND_MILLISECONDS)[request.holder]
    # The process's own row does not count: if its lease had expired, another process may have
    # that part now.
    free = cap - sum(row.held for row in others.values()) - sum(dead.values())
    allowed = min(share, max(0, free))
    # Open requests count until they end, even when the share is smaller now.
    _write(connection, request, max(allowed, request.open), now)
    if expired:
        gone = (SHARES.c.account == request.account) & SHARES.c.holder.in_(expired)
        connection.execute(delete(SHARES).where(gone))
    return int(allowed)


def count_left(open_: int, since: int) -> int:
    """How many of so many requests of a dead process count as open, `since` milliseconds later."""
    ended = (since - _LEFT_MILLISECONDS) // LEFT_STEP_MILLISECONDS + 1
    return max(0, open_ - max(0, ended))


def divide_allowance(cap: int, wants: Mapping[str, int], round_: int) -> dict[str, int]:
    """Divide `cap` into equal shares; what one process does not want goes to the others.

    When there is less than one for each process, the processes that get one change with `round_`.
    """
    shares = dict.fromkeys(wants, 0)
    unserved = {holder for holder, wanted in wants.items() if wanted > 0}
    left = cap
    while left > 0 and unserved:
        turn = round_ if cap < len(unserved) else 0
        part = max(1, left // len(unserved))
        for holder in sorted(unserved, key=lambda one: (zlib.crc32(f"{turn} {one}".encode()), one)):
            more = min(part, wants[holder] - shares[holder], left)
            shares[holder] += more
            left -= more
        unserved = {holder for holder in unserved if shares[holder] < wants[holder]}
    return shares


def _lock_cap(connection: Connection, request: ShareRequest) -> tuple[int, int]:
    """The current allowance, lowered or raised, and the time; locked until the transaction ends."""
    first = insert_into(connection, ALLOWANCES).values(
        account=request.account, cap=request.most, changed_at=0
    )
    connection.execute(first.on_conflict_do_nothing())
    mine = ALLOWANCES.c.account == request.account
    row = connection.execute(
        select(ALLOWANCES.c.cap, ALLOWANCES.c.changed_at).where(mine).with_for_update()
    ).one()
    now = read_database_clock(connection)  # after the wait for the lock
    cap, since = row.cap, now - row.changed_at
    if request.was_throttled and since >= BURST_MILLISECONDS:
        cap = max(1, min(cap, request.most) // 2)
    elif cap < request.most and since >= CREEP_MILLISECONDS:
        cap += 1
    if cap != row.cap:
        connection.execute(update(ALLOWANCES).where(mine).values(cap=cap, changed_at=now))
    return min(cap, request.most), now


def _write(connection: Connection, request: ShareRequest, held: int, now: int) -> None:
    if not request.wanted and not held:
        return_share(connection, request.account, request.holder)
        return
    values = {"held": held, "wanted": request.wanted, "until": now + request.lease}
    row = insert_into(connection, SHARES).values(
        account=request.account, holder=request.holder, **values
    )
    again = row.on_conflict_do_update(index_elements=["account", "holder"], set_=values)
    connection.execute(again)


def return_share(connection: Connection, account: str, holder: str) -> None:
    """Delete the share of a process that wants none and has no request open."""
    mine = (SHARES.c.account == account) & (SHARES.c.holder == holder)
    connection.execute(delete(SHARES).where(mine))


def count_leased(connection: Connection, account: str) -> int:
    """The concurrent requests that all processes of the account may have open together."""
    total: int | None = connection.scalar(
        select(func.sum(SHARES.c.held)).where(
            SHARES.c.account == account, SHARES.c.until > read_database_clock(connection)
        )
    )
    return int(total or 0)
