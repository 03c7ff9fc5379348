"""The events that wait for a shadow: bounded in all, and fair between tenants by the time that each has used."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Protocol, TypeVar


class _OfTenant(Protocol):
    @property
    def tenant(self) -> str:
        """The name of its tenant."""


Event = TypeVar("Event", bound=_OfTenant)


class WaitingEvents(Generic[Event]):
    """At most `most` events; the next is that of the waiting tenant that has used the least time.

    When there are too many, the tenant with the most of them loses its newest. A tenant that was idle saves
    nothing up.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: dict[str, deque[Event]] = {}
        self._used: dict[str, float] = {}
        self._floor = 0.0
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._events.values()))

    def put(self, event: Event) -> Event | None:
        """Add an event; return the one that is lost for it, None if there was room."""
        lost = None
        if len(self) >= self._most:
            loser = max(self._events, key=lambda tenant: len(self._events[tenant]))
            if len(self._events[loser]) <= len(self._events.get(event.tenant, ())):
                return event
            lost = self._events[loser].pop()
            if not self._events[loser]:
                del self._events[loser]
        if event.tenant not in self._events:
            self._events[event.tenant] = deque()
            self._used[event.tenant] = max(self._used.get(event.tenant, 0.0), self._floor)
        self._events[event.tenant].append(event)
        self._arrived.set()
        return lost

    async def get(self) -> Event:
        """Wait for an event, and take it."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self.take()

    def take(self) -> Event:
        """Take the next event. Raise ValueError where none waits."""
        tenant = min(self._events, key=self._used.__getitem__)
        self._floor = max(self._floor, self._used[tenant])
        event = self._events[tenant].popleft()
        if not self._events[tenant]:
            del self._events[tenant]
        return event

    def charge(self, tenant: str, seconds: float) -> None:
        """Note the time that an event of a tenant has taken."""
        self._used[tenant] = self._used.get(tenant, 0.0) + seconds
