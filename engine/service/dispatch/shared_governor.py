"""The governor over many processes: each has a share of an account's allowance, leased in the journal.

The rule that keeps all of them together below the allowance: *a request is sent only while the lease
that let it in outlasts the request's deadline*, which is looked at once more when it is sent: the
process may have been frozen between. A process that dies or is frozen in the middle of a request leaves
it open at NetSuite; its share is free for others only when that request's deadline is over too.
A share that shrinks is given back as requests end. Whoever wants none has none, and does nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ...findings.errors import JournalError
from ...journal.shares import ShareRequest, lease_share, return_share
from ...journal.writer import Writer
from .governor import Gate

# Beyond a request's deadline: so long the journal may be away before no request begins any more.
_BEYOND_SECONDS = 15.0
# So often what is held and wanted is told; sooner when more is wanted or can be given back.
_BEAT_SECONDS = 1.0
_WANTING_SECONDS = 0.5
_SOONEST_SECONDS = 0.1


class SharedAllowance:
    """One account's share of this process; use as `Allowance`, and close it at the end.

    `deadline` is that of a request, in seconds.
    """

    def __init__(
        self,
        journal: Writer,
        holder: str,
        account: str,
        most: int,
        deadline: float,
    ) -> None:
        self.account, self.most = account, most
        self._journal, self._holder = journal, holder
        self._deadline = deadline
        self._lease = deadline + _BEYOND_SECONDS
        self._share, self._until = 0, float("-inf")
        self._brake: int | None = None
        self._most_open: int | None = None
        self._peak = 0
        self._gate = Gate(self._room, lambda: self._until - self._deadline)
        self._news = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def request(self) -> AsyncIterator[float]:
        """As in `wire.allowance.Allowance`."""
        self._peak = max(self._peak, self._gate.wanted + 1)
        if self._gate.wanted >= self._room():
            self._tell()
        async with self._gate.entered() as send_by:
            yield send_by
        if self._gate.open >= self._share:  # what was open beyond the share can be given back
            self._tell()

    def throttled(self) -> None:
        """Halve what this process asks at once; the account's whole allowance follows at once."""
        if self._brake is None:
            self._brake = max(1, self._share // 2)
            self._tell()

    def allow(self, most: int) -> None:
        """Another number is allowed from now on."""
        self.most = most

    @property
    def open(self) -> int:
        """How many requests of this process are open."""
        return self._gate.open

    async def close(self) -> None:
        """Give the share back."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        if not self._gate.open:
            with suppress(JournalError):
                await self._journal.run(return_share, self.account, self._holder)

    def _room(self) -> int:
        """How many requests may be open: none when the lease would end before they must have."""
        if time.monotonic() + self._deadline > self._until:
            return 0
        bounds = (self._share, self._brake, self._most_open)
        return min(bound for bound in bounds if bound is not None)

    def _tell(self) -> None:
        self._news.set()
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """Claim again and again, while anything is wanted or held."""
        while True:
            self._news.clear()
            try:
                await self._claim()
            except JournalError:
                await asyncio.sleep(_BEAT_SECONDS)
                continue
            await asyncio.sleep(_SOONEST_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._news.wait()

    def _pause(self) -> float | None:
        """Seconds until the next claim; None while nothing is wanted or held."""
        if self._gate.wanted > self._share:
            return _WANTING_SECONDS
        return _BEAT_SECONDS if self._share or self._gate.wanted else None

    async def _claim(self) -> None:
        """Claim what is wanted.

        Until the answer is here no more are let in than are open now, also when none comes: a share
        that has shrunk meanwhile may be another's already.
        """
        wanted, was_throttled = max(self._peak, self._gate.wanted), self._brake is not None
        self._peak, self._most_open = self._gate.wanted, self._gate.open
        one = ShareRequest(
            self.account,
            self._holder,
            self.most,
            wanted,
            self._gate.open,
            int(self._lease * 1000),
            was_throttled,
        )
        begun = time.monotonic()
        share = await self._journal.run(lease_share, one)
        self._share, self._until, self._most_open = share, begun + self._lease, None
        if was_throttled:
            self._brake = None
        self._gate.wake()
