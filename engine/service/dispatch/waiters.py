"""Who waits to hear what became of a delivery."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from ...findings.errors import JournalError
from ...journal.claim import DeliveryStatus, read_status
from ...journal.writer import Writer
from .worker import FinishedAttempt

# Another process may have worked at it: so often the journal itself is asked.
_ASK_SECONDS = 0.5


@dataclass(slots=True)
class Waiters:
    """Tells those who wait for a delivery how its attempt has ended."""

    journal: Writer
    _waiting: dict[int, asyncio.Event] = field(default_factory=dict)
    _is_leaving: bool = False

    def told(self, told: FinishedAttempt) -> None:
        """An attempt has ended, and is committed."""
        if (event := self._waiting.get(told.delivery)) is not None:
            event.set()

    def leave(self) -> None:
        """Nobody waits any more: the process ends."""
        self._is_leaving = True
        for event in self._waiting.values():
            event.set()

    async def now(self, delivery: int) -> DeliveryStatus | None:
        """Where a delivery stands now; None while the journal cannot be read."""
        try:
            return await self.journal.run(read_status, delivery)
        except JournalError:
            return None

    async def outcome(self, delivery: int, seconds: float) -> DeliveryStatus | None:
        """Where a delivery stands after its attempt; None when it is still under way after so long."""
        event = self._waiting.setdefault(delivery, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                return await self._ended(event, delivery)
        except TimeoutError:
            return None
        finally:
            if self._waiting.get(delivery) is event:
                del self._waiting[delivery]

    async def _ended(self, event: asyncio.Event, delivery: int) -> DeliveryStatus:
        while True:
            # While the journal cannot be read, nobody knows; the event is stored all the same.
            with suppress(JournalError):
                found = await self.journal.run(read_status, delivery)
                if found.has_ended:
                    return found
            if self._is_leaving:
                raise TimeoutError
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_SECONDS):
                    await event.wait()
            if not self._is_leaving:
                event.clear()
