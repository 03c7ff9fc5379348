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
# Statuses that are remembered: of the attempts that ended last.
_MAX_ENDED = 1_000


@dataclass(slots=True)
class Waiters:
    """Wakes the requests that wait for a delivery when its attempt has ended.

    The status after an attempt of this process is known without a look into the journal: behind a flood
    of events a look would wait for a commit.
    """

    journal: Writer
    loop: Loop = field(default_factory=lambda: Loop("outcomes"))
    _waiting: dict[int, asyncio.Event] = field(default_factory=dict)
    _ended: dict[int, DeliveryStatus] = field(default_factory=dict)
    _is_released: bool = False

    def notify(self, attempt: FinishedAttempt) -> None:
        """Wake the requests that wait for a delivery; its end is committed."""
        if attempt.is_recorded:
            self._ended.pop(attempt.delivery, None)
            self._ended[attempt.delivery] = _status_after(attempt)
            if len(self._ended) > _MAX_ENDED:
                del self._ended[next(iter(self._ended))]
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

    async def wait_for_attempt(
        self, delivery: int, seconds: float, *, is_new: bool
    ) -> DeliveryStatus | None:
        """Return the status of a delivery after its attempt; None if that takes longer than `seconds`.

        `is_new` is true for a delivery that this process has just stored: it had no attempt before.
        """
        event = self._waiting.setdefault(delivery, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                return await self._wait(event, delivery, is_new=is_new)
        except TimeoutError:
            return None
        finally:
            if self._waiting.get(delivery) is event:
                del self._waiting[delivery]

    async def _wait(self, event: asyncio.Event, delivery: int, *, is_new: bool) -> DeliveryStatus:
        looks = not is_new
        while True:
            if not looks and (ended := self._ended.get(delivery)) is not None:
                return ended
            # While the journal cannot be read the status is unknown; the event is stored all the same.
            with self.loop.round():
                status = await self.journal.run(read_status, delivery) if looks else None
                if status is not None and status.has_ended:
                    return status
            if self._is_released:
                raise TimeoutError
            looks = True
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await event.wait()
                    looks = delivery not in self._ended
            if not self._is_released:
                event.clear()


def _status_after(attempt: FinishedAttempt) -> DeliveryStatus:
    end = attempt.result
    return DeliveryStatus(
        state=end.state,
        attempts=end.attempts,
        reason=end.reason,
        words=end.words,
        mapping=attempt.claim.mapping,
    )
