"""The engine of many processes with SQS: a message says that a delivery may be due.

The journal decides: a message that comes twice, late, or from another program changes nothing, and a
delivery without a message is found in the journal.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Connection

from ...findings.errors import JournalError, QueueError
from ...journal.claim import DueDelivery, Enqueue, Job, find_due
from ...journal.heartbeat import delete_old_heartbeats
from ...journal.recover import find_open, recover_expired
from ..loops import Loop
from .heartbeat import Heartbeat
from .session import Session
from .sqs_outbox import SqsOutbox
from .sqs_queue import MAX_BATCH, DeliveryKey, SqsMessage, SqsQueue
from .tenants import ReadyTenant, Tenants, count_free_slots
from .worker import Worker

# A delivery overdue for this long is taken from the journal: its message was lost, or found no slot.
_OVERDUE_MILLISECONDS = 5_000
_POLL_SECONDS = 5.0
# While SQS is unavailable, only the journal shows what is due.
_POLL_AWAY_SECONDS = 1.0
# Factor by which more deliveries are read than there are free slots, so that processes which poll at
# the same time do not all claim the same ones.
_SPREAD = 4
_ERROR_SECONDS = 2.0
_SLOT_SECONDS = 1.0
_STOPPING_SECONDS = 2.0
_SENDING, _RECEIVING = "sending", "receiving"
_log = logging.getLogger(__name__)


class SqsEngine:
    """Attempts the deliveries that SQS and the journal hand out, until cancelled.

    `address` is that of the journal, in libpq's form; `lease` is as in `PostgresEngine`.
    """

    def __init__(
        self, worker: Worker, tenants: Tenants, queue: SqsQueue, address: str, lease: float
    ) -> None:
        self.worker, self.tenants = worker, tenants
        self._queue, self._heartbeat = queue, Heartbeat(worker, lease)
        self._session = Session(
            address=address,
            holder=worker.holder,
            on_signal=lambda: None,
            loop=worker.loops.loop("session"),
        )
        self._outbox = SqsOutbox(
            queue, worker.now, lambda error: self._record_state(_SENDING, error)
        )
        self._running: dict[int, tuple[asyncio.Task[None], str]] = {}
        self._freed, self._changed = asyncio.Event(), asyncio.Event()
        self._has_backlog, self._eager_until = False, 0
        self._is_stopping = False

    @property
    def enqueue(self) -> Enqueue | None:
        """None: a message must not be sent before its delivery is committed."""
        return None

    def wake(self, jobs: Sequence[Job]) -> None:
        """Send a message for each job, to be received by any process."""
        for job in jobs:
            self._outbox.send(job)

    async def run(self) -> None:
        """Attempt what is due until cancelled; then wait for the attempts under way."""
        async with self._heartbeat.kept_alive(), self._session.held(), self._queue.connected():
            sending = asyncio.create_task(self._outbox.run())
            starting = [
                asyncio.create_task(loop)
                for loop in (self._receive_forever(), self._poll_forever(), self._recover_forever())
            ]
            try:
                # None of them ends, except by an error of erpmap, which must be seen.
                ended, _ = await asyncio.wait(
                    (sending, *starting), return_when=asyncio.FIRST_COMPLETED
                )
                for task in ended:
                    task.result()
            finally:
                self._is_stopping = True
                await _cancel_all(starting)
                while self._running:
                    await asyncio.wait([task for task, _ in self._running.values()])
                await _cancel_all([sending])
                with suppress(QueueError, TimeoutError):
                    async with asyncio.timeout(_STOPPING_SECONDS):
                        await self._outbox.flush()

    async def _receive_forever(self) -> None:
        """Receive messages while a slot is free; the others stay in the queue."""
        while True:
            self._freed.clear()
            slots = max(self.free_slots().values(), default=0)
            if not slots:
                await _wait_within(self._freed, _SLOT_SECONDS)
                continue
            try:
                messages = await self._queue.receive(min(slots, MAX_BATCH))
                self._record_state(_RECEIVING, None)
                await self._start_received(messages)
            except QueueError as error:
                self._record_state(_RECEIVING, error)
                await asyncio.sleep(_ERROR_SECONDS)

    async def _start_received(self, messages: Sequence[SqsMessage]) -> None:
        """Start the deliveries of messages; a message that erpmap did not send stays in the queue."""
        ids = [message.key.delivery for message in messages if message.key is not None]
        tenants = await self._find_open(ids)
        for message in messages:
            key = message.key
            if key is None or tenants.get(key.delivery, key.tenant) != key.tenant:
                _log.warning(
                    "message %s of the queue is not from erpmap, and stays there", message.id
                )
            else:
                self._start_or_delete(message.receipt, key, is_open=key.delivery in tenants)

    async def _find_open(self, ids: Sequence[int]) -> Mapping[int, str]:
        """Return the open deliveries with their tenants, as soon as the journal can be read."""
        while True:
            with self.worker.loops.loop("messages").round():
                return await self.worker.journal.run(find_open, ids)
            await asyncio.sleep(_ERROR_SECONDS)

    def _start_or_delete(self, receipt: str, key: DeliveryKey, *, is_open: bool) -> None:
        """Start a delivery, or delete its message: it is over, under way, or left to the journal.

        A tenant without a free slot, or that cannot run here, must not delay the messages of others.
        """
        ready = self.tenants.ready.get(key.tenant)
        has_slot = ready is not None and key.tenant in self.free_slots()
        if is_open and ready is not None and has_slot and key.delivery not in self._running:
            self._start(key.delivery, ready, receipt)
            return
        if is_open and not has_slot:
            self._has_backlog = True
            self._poll_eagerly()
        self._outbox.delete(receipt)

    def _start(self, id_: int, ready: ReadyTenant, receipt: str | None = None) -> None:
        task = asyncio.create_task(self._attempt(id_, ready, receipt))
        self.worker.hold_systems(ready, task)
        self._running[id_] = (task, ready.account)

    async def _attempt(self, id_: int, ready: ReadyTenant, receipt: str | None) -> None:
        """Attempt a delivery if the journal allows it; then delete its message, whatever the result."""
        due: list[Job] = []
        try:
            due = await self._attempt_claimed(id_, ready)
        finally:
            del self._running[id_]
            self._freed.set()
            if self._has_backlog:
                self._changed.set()
        if receipt is not None:
            self._outbox.delete(receipt)
        self.wake(due)

    async def _attempt_claimed(self, id_: int, ready: ReadyTenant) -> list[Job]:
        """Return the jobs that are due after the attempt. Retry while the journal is unavailable."""
        due: list[Job] = []

        def enqueue(_connection: Connection, jobs: Sequence[Job]) -> None:
            due[:] = jobs

        while True:
            try:
                await self._heartbeat.attempt_delivery(id_, ready, enqueue)
            except JournalError as error:
                self.worker.attempts.fail(str(error), id_)
                if self._is_stopping:
                    return []
                await asyncio.sleep(_ERROR_SECONDS)
            else:
                return due

    def free_slots(self) -> Mapping[str, int]:
        """As in `Engine`."""
        return count_free_slots(self.tenants, (account for _, account in self._running.values()))

    async def _poll_forever(self) -> None:
        """Poll the journal now and then; with a backlog, also whenever a slot is free."""
        while True:
            self._changed.clear()
            with self.worker.loops.loop("deliveries").round():
                await self._poll_journal()
            seconds = _POLL_AWAY_SECONDS if self._is_away() else _POLL_SECONDS
            await _wait_within(self._changed, seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    async def _poll_journal(self) -> None:
        now, is_idle = self.worker.now(), not self._running
        is_eager = self._is_away() or now < self._eager_until
        before = now if is_eager else now - _OVERDUE_MILLISECONDS
        limits = {tenant: most * _SPREAD for tenant, most in self.free_slots().items()}
        found = await self.worker.journal.run(find_due, before, limits, is_idle=is_idle)
        self._has_backlog = self._start_found(found)

    def _start_found(self, found: list[DueDelivery]) -> bool:
        """Start the deliveries that have a free slot; return whether some are left."""
        random.shuffle(found)
        has_left = False
        for due in found:
            if due.id in self._running:
                continue
            if due.tenant in self.free_slots():
                self._start(due.id, self.tenants.ready[due.tenant])
            else:
                has_left = True
        return has_left

    def _poll_eagerly(self) -> None:
        """For a while, poll without waiting for messages: those of these deliveries are deleted."""
        self._eager_until = self.worker.now() + 2 * _OVERDUE_MILLISECONDS

    async def _recover_forever(self) -> None:
        """Release the deliveries of processes that are gone: they are due then."""
        while True:
            with self.worker.loops.loop("recovery").round():
                if await self.worker.journal.run(self._recover):
                    self._poll_eagerly()
                    self._changed.set()
            await asyncio.sleep(_POLL_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    def _recover(self, connection: Connection) -> list[int]:
        delete_old_heartbeats(connection, self._heartbeat.lease_milliseconds)
        lease = self._heartbeat.lease_milliseconds
        return recover_expired(connection, self.worker.now(), lease)

    def _record_state(self, direction: str, error: QueueError | None) -> None:
        """Record whether the queue is available for a direction; without it the journal is polled."""
        loop = self._direction(direction)
        if error is None:
            loop.succeed()
            return
        self._changed.set()
        loop.fail(
            f"{error}; {direction} waits, and the engine polls the journal for due deliveries"
        )

    def _direction(self, direction: str) -> Loop:
        return self.worker.loops.loop(f"sqs_{direction}", is_vital=False)

    def _is_away(self) -> bool:
        return any(self._direction(one).is_failing for one in (_SENDING, _RECEIVING))


async def _wait_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _cancel_all(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
