"""What goes to the queue beside the work: keys to send and messages to delete, ten in a request.

Nobody waits for it, and nothing is kept when the queue is away: the journal has all that was to be
said, and a message that was not deleted comes again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from ...findings.errors import QueueError
from ...journal.claim import Job
from .sqs_queue import MAX_BATCH, MAX_DELAY_SECONDS, DeliveryKey, SqsQueue

T = TypeVar("T")

# Of more the oldest are forgotten.
_MOST_KEPT = 10_000
_AFTER_TROUBLE_SECONDS = 1.0


class SqsOutbox:
    """`now` is in milliseconds; `heard` hears of each request's end: None, or what was wrong."""

    def __init__(
        self, queue: SqsQueue, now: Callable[[], int], heard: Callable[[QueueError | None], None]
    ) -> None:
        self._queue, self._now, self._heard = queue, now, heard
        self._jobs: deque[Job] = deque(maxlen=_MOST_KEPT)
        self._receipts: deque[str] = deque(maxlen=_MOST_KEPT)
        self._news = asyncio.Event()

    def send(self, job: Job) -> None:
        """Send a delivery's key, to be received when it is due; not one that is due much later."""
        self._jobs.append(job)
        self._news.set()

    def delete(self, receipt: str) -> None:
        """Delete a message."""
        self._receipts.append(receipt)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.flush()
            except QueueError as error:
                self._heard(error)
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def flush(self) -> None:
        """All there is. Raise QueueError: then the rest is forgotten."""
        try:
            while self._jobs or self._receipts:
                keys = [
                    (DeliveryKey(job.delivery, job.tenant), self._delay(job))
                    for job in _some(self._jobs)
                ]
                near = [(key, delay) for key, delay in keys if delay <= MAX_DELAY_SECONDS]
                if near:
                    await self._queue.send(near)
                if receipts := _some(self._receipts):
                    await self._queue.delete(receipts)
                self._heard(None)
        except QueueError:
            self._jobs.clear()
            self._receipts.clear()
            raise

    def _delay(self, job: Job) -> int:
        """Whole seconds, rather too many: what comes too early is not looked at."""
        wait = job.due_at - self._now()
        return 0 if wait <= 0 else wait // 1000 + 1


def _some(waiting: deque[T]) -> list[T]:
    return [waiting.popleft() for _ in range(min(MAX_BATCH, len(waiting)))]
