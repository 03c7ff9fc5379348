"""The governor: how many requests an account is asked at once, over all tenants of this process.

`Gate` lets requests in, in the order they came. `LocalAllowance` is for a process that has an
account for itself; `sharing.SharedAllowance` for many processes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import Protocol

from ...journal.shares import BURST_MILLISECONDS, CREEP_MILLISECONDS
from ...wire.allowance import Allowance

# As for processes that share an account.
_BURST_SECONDS = BURST_MILLISECONDS / 1000
_CREEP_SECONDS = CREEP_MILLISECONDS / 1000


class Gate:
    """Lets a request in while fewer are open than there is `room` for; `wake` when there is more.

    What is let in may be sent until the moment that `send_by` says then, on the monotonic clock.
    """

    def __init__(self, room: Callable[[], int], send_by: Callable[[], float] = lambda: inf) -> None:
        self._room, self._send_by = room, send_by
        self._waiting: deque[asyncio.Future[float]] = deque()
        self.open = 0

    @property
    def wanted(self) -> int:
        """How many requests are open or wait."""
        return self.open + len(self._waiting)

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[float]:
        """Entered when there is room, first come first; left when the request has ended.

        Yields until when it may be sent.
        """
        send_by = await self._enter()
        try:
            yield send_by
        finally:
            self.open -= 1
            self.wake()

    def wake(self) -> None:
        """Let in those for whom there is room now."""
        while self._waiting and self.open < self._room():
            turn = self._waiting.popleft()
            if not turn.done():
                self.open += 1  # taken for whoever waits: nobody comes between
                turn.set_result(self._send_by())

    async def _enter(self) -> float:
        if not self._waiting and self.open < self._room():
            self.open += 1
            return self._send_by()
        turn: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.open -= 1
                self.wake()
            else:
                with suppress(ValueError):  # `wake` has found that nobody waits for it
                    self._waiting.remove(turn)
            raise


class LocalAllowance:
    """At most so many requests at once; halved when NetSuite says too many, and creeping back."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._cap, self._changed = most, float("-inf")
        self._gate = Gate(self.cap)

    @asynccontextmanager
    async def request(self) -> AsyncIterator[float]:
        """As in `wire.allowance.Allowance`."""
        async with self._gate.entered() as send_by:
            yield send_by

    def throttled(self) -> None:
        """Halve it, at least 1 is left; once for those that were refused together."""
        now = self._clock()
        if now - self._changed >= _BURST_SECONDS:
            self._cap, self._changed = max(1, self.cap() // 2), now

    def cap(self) -> int:
        """How many are let in now."""
        if self._cap < self.most:
            back = int((self._clock() - self._changed) / _CREEP_SECONDS)
            self._cap, self._changed = self._cap + back, self._changed + back * _CREEP_SECONDS
        return min(self._cap, self.most)

    @property
    def open(self) -> int:
        """How many requests are open."""
        return self._gate.open

    def allow(self, most: int) -> None:
        """Another number is allowed from now on."""
        self._cap = most if self._cap >= self.most else min(self._cap, most)
        self.most = most
        self._gate.wake()

    async def close(self) -> None:
        """Nothing is held that others could use."""


class AccountGovernor(Allowance, Protocol):
    """An allowance whose number may change, and which is closed at the end."""

    def allow(self, most: int) -> None:
        """Another number is allowed from now on."""
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...


class Allowances:
    """The allowance of each account, one for all its tenants; the smallest that they say counts."""

    def __init__(self, make: Callable[[str, int], AccountGovernor]) -> None:
        self._make = make
        self._said: dict[str, dict[str, int]] = {}
        self._all: dict[str, AccountGovernor] = {}

    def of(self, account: str, tenant: str, most: int) -> AccountGovernor:
        """The one of an account, for a tenant that says it takes so many requests at once."""
        said = self._said.setdefault(account, {})
        said[tenant] = max(1, most)
        least = min(said.values())
        if account not in self._all:
            self._all[account] = self._make(account, least)
        self._all[account].allow(least)
        return self._all[account]

    def forget(self, account: str, tenant: str) -> None:
        """What a tenant said of an account counts no more; the last number stays where none says any."""
        said = self._said.get(account, {})
        said.pop(tenant, None)
        if said:
            self._all[account].allow(min(said.values()))

    async def close(self) -> None:
        """Give back what other processes may use."""
        for one in self._all.values():
            await one.close()
