"""The governor: limits the concurrent requests to an account, over all tenants of this process.

`Gate` admits requests in the order in which they came. `LocalAllowance` is for a process that has an
account for itself, `shared_governor.SharedAllowance` for processes that share it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import Protocol

from ...journal.shares import (
    BURST_MILLISECONDS,
    CREEP_MILLISECONDS,
    LEFT_STEP_MILLISECONDS,
    count_left,
)
from ...wire.allowance import Allowance

# The same values as for processes that share an account.
_BURST_SECONDS = BURST_MILLISECONDS / 1000
_NOTHING: Mapping[str, int] = {}
_LEFT_STEP_SECONDS = LEFT_STEP_MILLISECONDS / 1000
_GROWTH_SECONDS = CREEP_MILLISECONDS / 1000


class Gate:
    """Admits a request while fewer are open than `room` allows; call `admit_waiting` when it grows.

    An admitted request may be sent until the time that `send_by` returns, on the monotonic clock.
    """

    def __init__(self, room: Callable[[], int], send_by: Callable[[], float] = lambda: inf) -> None:
        self._room, self._send_by = room, send_by
        self._waiting: deque[asyncio.Future[float]] = deque()
        self.open = 0

    @property
    def demand(self) -> int:
        """The number of open and waiting requests."""
        return self.open + len(self._waiting)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Hold a slot for a request during the block; slots are given in the order of arrival.

        Yield the time until which the request may be sent.
        """
        send_by = await self._enter()
        try:
            yield send_by
        finally:
            self.open -= 1
            self.admit_waiting()

    def admit_waiting(self) -> None:
        """Admit the waiting requests that have room now."""
        while self._waiting and self.open < self._room():
            turn = self._waiting.popleft()
            if not turn.done():
                self.open += 1  # counted before the request runs: no other request takes its slot
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
                self.admit_waiting()
            else:
                with suppress(ValueError):  # `admit_waiting` has removed it already
                    self._waiting.remove(turn)
            raise


class LocalAllowance:
    """Limits concurrent requests; the limit is halved when the ledger refuses one, and grows back.

    What an earlier process had open when it was killed counts for a while, too.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._limit, self._changed = most, float("-inf")
        self._gate = Gate(self._room)
        self._left, self._begun, self._is_timed = 0, clock(), False

    @asynccontextmanager
    async def request(self) -> AsyncIterator[float]:
        """As in `wire.allowance.Allowance`."""
        self._admit_later()
        async with self._gate.slot() as send_by:
            yield send_by

    def remember_open(self, requests: int) -> None:
        """Count so many requests of an earlier process, whose end is not known."""
        self._left += requests

    def throttled(self) -> None:
        """Halve the limit, to 1 at least; once for all requests that were refused together."""
        now = self._clock()
        if now - self._changed >= _BURST_SECONDS:
            self._limit, self._changed = max(1, self.limit() // 2), now

    def limit(self) -> int:
        """The limit now."""
        if self._limit < self.most:
            growth = int((self._clock() - self._changed) / _GROWTH_SECONDS)
            self._limit, self._changed = (
                self._limit + growth,
                self._changed + growth * _GROWTH_SECONDS,
            )
        return min(self._limit, self.most)

    @property
    def open(self) -> int:
        """The number of open requests."""
        return self._gate.open

    def allow(self, most: int) -> None:
        """Set the maximum."""
        self._limit = most if self._limit >= self.most else min(self._limit, most)
        self.most = most
        self._gate.admit_waiting()

    def _room(self) -> int:
        return self.limit() - self._count_left()

    def _count_left(self) -> int:
        since = int((self._clock() - self._begun) * 1000)
        return count_left(min(self._left, self.most), since)

    def _admit_later(self) -> None:
        """Admit waiting requests as those of the earlier process end."""
        if self._count_left() and not self._is_timed:
            self._is_timed = True
            asyncio.get_running_loop().call_later(_LEFT_STEP_SECONDS, self._admit_again)

    def _admit_again(self) -> None:
        self._is_timed = False
        self._gate.admit_waiting()
        self._admit_later()

    async def close(self) -> None:
        """Do nothing: no other process shares the allowance."""


class AccountGovernor(Allowance, Protocol):
    """An allowance whose maximum may change, and which is closed at the end."""

    def allow(self, most: int) -> None:
        """Set the maximum."""
        ...

    def remember_open(self, requests: int) -> None:
        """Count so many requests of an earlier process that used the account alone."""
        ...

    async def close(self) -> None:
        """Return the share of this process."""
        ...


class Allowances:
    """The governor of each account, shared by its tenants; the lowest limit of its tenants holds.

    `left` has the requests of each tenant that an earlier process may have left open.
    """

    def __init__(
        self, make: Callable[[str, int], AccountGovernor], left: Mapping[str, int] = _NOTHING
    ) -> None:
        self._make, self._left = make, dict(left)
        self._limits: dict[str, dict[str, int]] = {}
        self._governors: dict[str, AccountGovernor] = {}

    def get_governor(self, account: str, tenant: str, most: int) -> AccountGovernor:
        """Return the governor of an account, for a tenant that allows `most` concurrent requests."""
        limits = self._limits.setdefault(account, {})
        limits[tenant] = max(1, most)
        lowest = min(limits.values())
        if account not in self._governors:
            self._governors[account] = self._make(account, lowest)
        self._governors[account].allow(lowest)
        self._governors[account].remember_open(self._left.pop(tenant, 0))
        return self._governors[account]

    def forget(self, account: str, tenant: str) -> None:
        """Forget the limit of a tenant; the account keeps its last limit when no tenant sets one."""
        limits = self._limits.get(account, {})
        limits.pop(tenant, None)
        if limits:
            self._governors[account].allow(min(limits.values()))

    async def close(self) -> None:
        """Return the shares of this process to the others."""
        for governor in self._governors.values():
            await governor.close()
