"""The outbox of SQS: keys to send and messages to delete, ten in a request.

No delivery waits for it, and it drops its contents while the queue is unavailable: the journal has
all of it, and a message that was not deleted is received again.
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

# Beyond this number the oldest entries are dropped.
_MAX_WAITING = 10_000
_ERROR_SECONDS = 1.0


class SqsOutbox:
    """Sends in the background; `report` is called after each request with None or its error.

    `now` is in milliseconds since 1970.
    """

    def __init__(
        self, queue: SqsQueue, now: Callable[[], int], report: Callable[[QueueError | None], None]
    ) -> None:
        self._queue, self._now, self._report = queue, now, report
        self._jobs: deque[Job] = deque(maxlen=_MAX_WAITING)
        self._receipts: deque[str] = deque(maxlen=_MAX_WAITING)
        self._changed = asyncio.Event()

    def send(self, job: Job) -> None:
        """Send a delivery's key, to be received when it is due; a job that is due much later is not sent."""
        self._jobs.append(job)
        self._changed.set()

    def delete(self, receipt: str) -> None:
        """Delete a message."""
        self._receipts.append(receipt)
        self._changed.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.flush()
            except QueueError as error:
                self._report(error)
                await asyncio.sleep(_ERROR_SECONDS)

    async def flush(self) -> None:
        """Send and delete all entries. Raise QueueError: then the remaining ones are dropped."""
        try:
            while self._jobs or self._receipts:
                keys = [
                    (DeliveryKey(job.delivery, job.tenant), self._delay(job))
                    for job in _take_batch(self._jobs)
                ]
                near = [(key, delay) for key, delay in keys if delay <= MAX_DELAY_SECONDS]
                if near:
                    await self._queue.send(near)
                if receipts := _take_batch(self._receipts):
                    await self._queue.delete(receipts)
                self._report(None)
        except QueueError:
            self._jobs.clear()
            self._receipts.clear()
            raise

    def _delay(self, job: Job) -> int:
        """Return the delay in whole seconds, rounded up: a message that comes too early is of no use."""
        wait = job.due_at - self._now()
        return 0 if wait <= 0 else wait // 1000 + 1


def _take_batch(waiting: deque[T]) -> list[T]:
    return [waiting.popleft() for _ in range(min(MAX_BATCH, len(waiting)))]
