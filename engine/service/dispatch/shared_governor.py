"""The governor of many processes: each leases a share of an account's allowance in the journal.

The rule that keeps all processes together below the allowance: *a request is sent only while the lease
that admitted it outlasts the request's deadline*. It is checked again when the request is sent, because
the process may have been frozen in between. A process that dies or freezes during a request leaves it
open in the ledger; its share is free for others only after that request's deadline. A share that
shrinks is returned as requests end. A process without requests has no share and does no work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ...journal.shares import ShareRequest, lease_share, return_share
from ...journal.writer import Writer
from ..loops import Loop
from .governor import Gate

# Seconds beyond a request's deadline for which the lease holds: while the journal is unavailable for
# longer, no request begins. Others count on it: what a dead process had open counts in full for as long.
_EXTRA_LEASE_SECONDS = 5.0
# Seconds between claims; a claim comes sooner when more is needed or can be returned.
_CLAIM_SECONDS = 1.0
_DEMAND_SECONDS = 0.5
_MIN_PAUSE_SECONDS = 0.1


class SharedAllowance:
    """The share of this process in one account's allowance; close it at the end.

    `deadline` is the maximum seconds of a request.
    """

    def __init__(
        self,
        journal: Writer,
        holder: str,
        account: str,
        most: int,
        deadline: float,
        loop: Loop | None = None,
    ) -> None:
        self.account, self.most = account, most
        self._journal, self._holder = journal, holder
        self._loop = loop or Loop("allowance")
        self._deadline = deadline
        self._lease = deadline + _EXTRA_LEASE_SECONDS
        self._share, self._until = 0, float("-inf")
        self._brake: int | None = None
        self._frozen_at: int | None = None
        self._peak = 0
        self._gate = Gate(self._limit, lambda: self._until - self._deadline)
        self._claim_requested = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def request(self) -> AsyncIterator[float]:
        """As in `wire.allowance.Allowance`."""
        self._peak = max(self._peak, self._gate.demand + 1)
        if self._gate.demand >= self._limit():
            self._request_claim()
        async with self._gate.slot() as send_by:
            yield send_by
        # A request beyond the share has ended: its slot can be returned.
        if self._gate.open >= self._share:
            self._request_claim()

    def throttled(self) -> None:
        """Halve the limit of this process; the whole allowance of the account follows at the next claim."""
        if self._brake is None:
            self._brake = max(1, self._share // 2)
            self._request_claim()

    def allow(self, most: int) -> None:
        """Set the maximum."""
        self.most = most

    def remember_open(self, requests: int) -> None:
        """Do nothing: the shares in the journal tell what other processes may have open."""

    @property
    def open(self) -> int:
        """The number of open requests of this process."""
        return self._gate.open

    async def close(self) -> None:
        """Return the share."""
        if self._renewing is not None:
            self._renewing.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewing
        if not self._gate.open:
            with self._loop.round(self.account):
                await self._journal.run(return_share, self.account, self._holder)

    def _limit(self) -> int:
        """The maximum of open requests: none when the lease would end before their deadline."""
        if time.monotonic() + self._deadline > self._until:
            return 0
        bounds = (self._share, self._brake, self._frozen_at)
        return min(bound for bound in bounds if bound is not None)

    def _request_claim(self) -> None:
        self._claim_requested.set()
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_forever())

    async def _renew_forever(self) -> None:
        """Claim a share repeatedly, while requests are open or waiting, or a share is held."""
        while True:
            self._claim_requested.clear()
            pause = _CLAIM_SECONDS
            with self._loop.round(self.account):
                await self._claim()
                pause = _MIN_PAUSE_SECONDS
            await asyncio.sleep(pause)
            if pause == _CLAIM_SECONDS:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._claim_requested.wait()

    def _pause(self) -> float | None:
        """Seconds until the next claim; None while nothing is needed or held."""
        if self._gate.demand > self._share:
            return _DEMAND_SECONDS
        return _CLAIM_SECONDS if self._share or self._gate.demand else None

    async def _claim(self) -> None:
        """Claim a share for the open and waiting requests.

        Until the journal answers, no more requests are admitted than are open now, also when it
        fails: a share that has shrunk may belong to another process already.
        """
        demand, was_throttled = max(self._peak, self._gate.demand), self._brake is not None
        self._peak, self._frozen_at = self._gate.demand, self._gate.open
        request = ShareRequest(
            account=self.account,
            holder=self._holder,
            most=self.most,
            wanted=demand,
            open=self._gate.open,
            lease=int(self._lease * 1000),
            was_throttled=was_throttled,
        )
        begun = time.monotonic()
        share = await self._journal.run(lease_share, request)
        self._share, self._until, self._frozen_at = share, begun + self._lease, None
        if was_throttled:
            self._brake = None
        self._gate.admit_waiting()
