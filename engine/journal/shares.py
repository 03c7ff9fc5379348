"""Who may ask an account how much at once: its allowance, shared by processes through the journal.

A share is a lease. Whoever has died or is frozen keeps it until it ends, because what it has sent
is open at NetSuite still; so a process begins a request only while its lease outlasts the
request's deadline (`dispatch.sharing`). The database's clock counts, and every claim on an account
waits for the one before.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, text, update

from .tables import ALLOWANCES, SHARES, SQLITE, insert_of

# Of those that are refused together one lowers the allowance; then it grows by one each time so long.
BURST_MILLISECONDS = 2_000
CREEP_MILLISECONDS = 10_000
# More processes than requests allowed: who has one changes so often.
_ROUND_MILLISECONDS = 10_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a process claims: it wants so many requests at once and has so many open.

    `most` is what the account may take, `lease` is in milliseconds; `was_throttled` says that
    NetSuite found them too many.
    """

    account: str
    holder: str
    most: int
    wanted: int
    open: int
    lease: int
    was_throttled: bool = False


def claim(connection: Connection, one: Claim) -> int:
    """How many requests a process may have open while its lease lasts; what it wants no more goes back."""
    cap, now = _cap(connection, one)
    rows = connection.execute(
        select(SHARES.c.holder, SHARES.c.held, SHARES.c.wanted, SHARES.c.until).where(
            SHARES.c.account == one.account
        )
    ).all()
    over = [row.holder for row in rows if row.until <= now and row.holder != one.holder]
    others = {row.holder: row for row in rows if row.until > now and row.holder != one.holder}
    wants = {holder: max(row.wanted, 0) for holder, row in others.items()}
    share = fair(cap, {**wants, one.holder: one.wanted}, now // _ROUND_MILLISECONDS)[one.holder]
    # What this one holds itself does not count: it may be what was open when its lease was over,
    # and another has that part since.
    free = cap - sum(row.held for row in others.values())
    may = min(share, max(0, free))
    # What is open stays counted until it has ended, also where the share is smaller now.
    _write(connection, one, max(may, one.open), now)
    if over:
        gone = (SHARES.c.account == one.account) & SHARES.c.holder.in_(over)
        connection.execute(delete(SHARES).where(gone))
    return int(may)


def fair(cap: int, wants: Mapping[str, int], round_: int) -> dict[str, int]:
    """Shares of `cap`: nobody gets more than it wants, and nobody less than an equal part of the rest.

    Where there are fewer than one for each, who gets one changes from round to round.
    """
    shares = dict.fromkeys(wants, 0)
    open_ones = {holder for holder, wanted in wants.items() if wanted > 0}
    left = cap
    while left > 0 and open_ones:
        turn = round_ if cap < len(open_ones) else 0
        part = max(1, left // len(open_ones))
        for holder in sorted(
            open_ones, key=lambda one: (zlib.crc32(f"{turn} {one}".encode()), one)
        ):
            more = min(part, wants[holder] - shares[holder], left)
            shares[holder] += more
            left -= more
        open_ones = {holder for holder in open_ones if shares[holder] < wants[holder]}
    return shares


def now_of(connection: Connection) -> int:
    """The database's clock, in milliseconds since 1970; on SQLite it is the machine's."""
    if connection.dialect.name == SQLITE:
        return time.time_ns() // 1_000_000
    clock = "select (extract(epoch from clock_timestamp()) * 1000)::bigint"
    moment: int = connection.execute(text(clock)).scalar_one()
    return moment


def _cap(connection: Connection, one: Claim) -> tuple[int, int]:
    """What the account takes now, lowered or grown; until the transaction ends nobody else claims."""
    first = insert_of(connection, ALLOWANCES).values(
        account=one.account, cap=one.most, changed_at=0
    )
    connection.execute(first.on_conflict_do_nothing())
    mine = ALLOWANCES.c.account == one.account
    row = connection.execute(
        select(ALLOWANCES.c.cap, ALLOWANCES.c.changed_at).where(mine).with_for_update()
    ).one()
    now = now_of(connection)  # after whoever was before us
    cap, since = row.cap, now - row.changed_at
    if one.was_throttled and since >= BURST_MILLISECONDS:
        cap = max(1, min(cap, one.most) // 2)
    elif cap < one.most and since >= CREEP_MILLISECONDS:
        cap += 1
    if cap != row.cap:
        connection.execute(update(ALLOWANCES).where(mine).values(cap=cap, changed_at=now))
    return min(cap, one.most), now


def _write(connection: Connection, one: Claim, held: int, now: int) -> None:
    if not one.wanted and not held:
        give_back(connection, one.account, one.holder)
        return
    values = {"held": held, "wanted": one.wanted, "until": now + one.lease}
    row = insert_of(connection, SHARES).values(account=one.account, holder=one.holder, **values)
    again = row.on_conflict_do_update(index_elements=["account", "holder"], set_=values)
    connection.execute(again)


def give_back(connection: Connection, account: str, holder: str) -> None:
    """A process claims nothing any more, and has nothing open."""
    mine = (SHARES.c.account == account) & (SHARES.c.holder == holder)
    connection.execute(delete(SHARES).where(mine))


def held(connection: Connection, account: str) -> int:
    """How many requests at once the account's processes may have open together."""
    total: int | None = connection.scalar(
        select(func.sum(SHARES.c.held)).where(
            SHARES.c.account == account, SHARES.c.until > now_of(connection)
        )
    )
    return int(total or 0)
