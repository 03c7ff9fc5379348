"""Turns of owners who share something: the next is the waiting owner that has used the least time.

A few turns of a second weigh as much as many of a millisecond. An owner that was idle saves nothing up: it
begins with the time of the owner that is served now.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairTurns:
    """At most `at_once` turns are held at a time, and at most `for_each` of them by one owner."""

    def __init__(self, at_once: int = 1, for_each: int | None = None) -> None:
        self._at_once, self._for_each = at_once, for_each or at_once
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        # Seconds that each owner has used; `_floor` is the most that an admitted owner had used before.
        self._used: dict[str, float] = {}
        self._floor = 0.0

    @asynccontextmanager
    async def turn(self, owner: str) -> AsyncIterator[None]:
        """Wait for a turn of an owner and hold it during the block."""
        await self._enter(owner)
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            yield
        finally:
            self._used[owner] += clock() - begun
            self._leave(owner)

    async def _enter(self, owner: str) -> None:
        if owner not in self._waiting and not self._held[owner]:
            self._used[owner] = max(self._used.get(owner, 0.0), self._floor)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given meanwhile
                self._leave(owner)
            else:
                self._forget(owner, turn)
            raise

    def _leave(self, owner: str) -> None:
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
        self._admit()
        if not self._held and not self._waiting:
            self._used.clear()
            self._floor = 0.0

    def _admit(self) -> None:
        """Give the free turns to the waiting owners that have used the least."""
        while self._waiting and self._held.total() < self._at_once:
            able = [owner for owner in self._waiting if self._held[owner] < self._for_each]
            if not able:
                return
            owner = min(able, key=self._used.__getitem__)
            turn = self._waiting[owner].popleft()
            if not self._waiting[owner]:
                del self._waiting[owner]
            if not turn.done():
                self._held[owner] += 1
                self._floor = max(self._floor, self._used[owner])
                turn.set_result(None)

    def _forget(self, owner: str, turn: asyncio.Future[None]) -> None:
        if owner in self._waiting and turn in self._waiting[owner]:
            self._waiting[owner].remove(turn)
            if not self._waiting[owner]:
                del self._waiting[owner]
