"""Requests that wait for the attempt at a delivery."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from ...journal.claim import DeliveryStatus, read_status
from ...journal.writer import Writer
from ..loops import Loop
from .worker import FinishedAttempt

# Seconds until the journal is read again: another process may have made the attempt.
_POLL_SECONDS = 0.5


@dataclass(slots=True)
class Waiters:
    """Wakes the requests that wait for a delivery when its attempt has ended."""

    journal: Writer
    loop: Loop = field(default_factory=lambda: Loop("outcomes"))
    _waiting: dict[int, asyncio.Event] = field(default_factory=dict)
    _is_released: bool = False

    def notify(self, attempt: FinishedAttempt) -> None:
        """Wake the requests that wait for a delivery; its end is committed."""
        if (event := self._waiting.get(attempt.delivery)) is not None:
            event.set()

    def release(self) -> None:
        """Let no request wait any more: the process ends."""
        self._is_released = True
        for event in self._waiting.values():
            event.set()

    async def read_status(self, delivery: int) -> DeliveryStatus | None:
        """Return the status of a delivery now; None while the journal cannot be read."""
        with self.loop.round():
            return await self.journal.run(read_status, delivery)
        return None

    async def wait_for_attempt(self, delivery: int, seconds: float) -> DeliveryStatus | None:
        """Return the status of a delivery after its attempt; None if that takes longer than `seconds`."""
        event = self._waiting.setdefault(delivery, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                return await self._wait(event, delivery)
        except TimeoutError:
            return None
        finally:
            if self._waiting.get(delivery) is event:
                del self._waiting[delivery]

    async def _wait(self, event: asyncio.Event, delivery: int) -> DeliveryStatus:
        while True:
            # While the journal cannot be read the status is unknown; the event is stored all the same.
            with self.loop.round():
                status = await self.journal.run(read_status, delivery)
                if status.has_ended:
                    return status
            if self._is_released:
                raise TimeoutError
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await event.wait()
            if not self._is_released:
                event.clear()
