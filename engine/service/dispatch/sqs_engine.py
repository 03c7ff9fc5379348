"""The engine of many processes with SQS between them: a message says that a delivery may be due.

The journal decides, and nothing depends on a message: one that comes twice, late, or is another's
changes nothing, and what no message came for is found in the journal.
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
from .heartbeat import Heartbeat
from .sqs_outbox import SqsOutbox
from .sqs_queue import MAX_BATCH, DeliveryKey, SqsMessage, SqsQueue
from .tenants import ReadyTenant, Tenants, count_free_slots
from .worker import Worker

# What is due for so long is taken from the journal: its message was lost, or nobody had room for it.
_LATE_MILLISECONDS = 5_000
_LOOK_SECONDS = 5.0
# While SQS is away the journal is the only one to say what is due.
_LOOK_ALONE_SECONDS = 1.0
# So many times more are looked at than there is room for: processes that look at the same moment
# are not all after the same ones.
_WIDER = 4
_AFTER_TROUBLE_SECONDS = 2.0
_ROOM_SECONDS = 1.0
_STOPPING_SECONDS = 2.0
_SENDING, _RECEIVING = "sending", "receiving"
_log = logging.getLogger(__name__)


class SqsEngine:
    """Works at what SQS and the journal hand out until cancelled; then what is under way is ended."""

    def __init__(self, worker: Worker, tenants: Tenants, queue: SqsQueue, lease: float) -> None:
        self.worker, self.tenants = worker, tenants
        self._queue, self._peer = queue, Heartbeat(worker, lease)
        self._outgoing = SqsOutbox(queue, worker.now, lambda error: self._heard(_SENDING, error))
        self._running: dict[int, tuple[asyncio.Task[None], str]] = {}
        self._freed, self._look = asyncio.Event(), asyncio.Event()
        self._has_more, self._at_once_until = False, 0
        self._is_stopping = False
        self._away: set[str] = set()

    @property
    def enqueue(self) -> Enqueue | None:
        """None: a message must not be sent before its delivery is committed."""
        return None

    def wake(self, jobs: Sequence[Job]) -> None:
        """Tell all processes, this one among them."""
        for job in jobs:
            self._outgoing.send(job)

    async def run(self) -> None:
        """Take up what is due, for ever; what is under way ends before this does."""
        async with self._peer.present(), self._queue.opened():
            sending = asyncio.create_task(self._outgoing.run())
            taking = [
                asyncio.create_task(one)
                for one in (self._receiving(), self._looking(), self._recovering())
            ]
            try:
                # None of them ends but by a mistake of ours, which has to be seen.
                ended, _ = await asyncio.wait(
                    (sending, *taking), return_when=asyncio.FIRST_COMPLETED
                )
                for one in ended:
                    one.result()
            finally:
                self._is_stopping = True
                await _stopped(taking)
                while self._running:
                    await asyncio.wait([task for task, _ in self._running.values()])
                await _stopped([sending])
                with suppress(QueueError, TimeoutError):
                    async with asyncio.timeout(_STOPPING_SECONDS):
                        await self._outgoing.flush()

    async def _receiving(self) -> None:
        """Receive while there is room; what nobody has room for stays in the queue."""
        while True:
            self._freed.clear()
            places = max(self._room().values(), default=0)
            if not places:
                await _heard_within(self._freed, _ROOM_SECONDS)
                continue
            try:
                messages = await self._queue.receive(min(places, MAX_BATCH))
                self._heard(_RECEIVING, None)
                await self._received(messages)
            except QueueError as error:
                self._heard(_RECEIVING, error)
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def _received(self, messages: Sequence[SqsMessage]) -> None:
        """Begin what is meant; what is not ours is left in the queue, for whoever it is for."""
        named = [(one, one.key) for one in messages if one.key is not None]
        ids = [key.delivery for _, key in named]
        there = await self._open_ones(ids)
        for one in messages:
            key = one.key
            if key is None or there.get(key.delivery, key.tenant) != key.tenant:
                _log.warning("message %s of the queue is not erpmap's, and is left", one.id)
            else:
                self._begin_or_leave(one.receipt, key, is_open=key.delivery in there)

    async def _open_ones(self, ids: Sequence[int]) -> Mapping[int, str]:
        """Those that wait or are under way, with their tenants, as soon as the journal says it."""
        while True:
            try:
                return await self.worker.journal.run(find_open, ids)
            except JournalError:
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    def _begin_or_leave(self, receipt: str, key: DeliveryKey, *, is_open: bool) -> None:
        """Begin a delivery, or forget the message: it is over, under way, or the journal's turn.

        A tenant that is full, or cannot run here, must not keep the others' messages waiting.
        """
        ready = self.tenants.ready.get(key.tenant)
        has_room = ready is not None and key.tenant in self._room()
        if is_open and ready is not None and has_room and key.delivery not in self._running:
            self._begin(key.delivery, ready, receipt)
            return
        if is_open and not has_room:
            self._has_more = True
            self._hurry()
        self._outgoing.delete(receipt)

    def _begin(self, id_: int, ready: ReadyTenant, receipt: str | None = None) -> None:
        task = asyncio.create_task(self._seen_to(id_, ready, receipt))
        self.worker.hold(ready, task)
        self._running[id_] = (task, ready.account)

    async def _seen_to(self, id_: int, ready: ReadyTenant, receipt: str | None) -> None:
        """One attempt, if the journal allows it; then its message is done with, whatever came of it."""
        due_then: list[Job] = []
        try:
            due_then = await self._attempted(id_, ready)
        finally:
            del self._running[id_]
            self._freed.set()
            if self._has_more:
                self._look.set()
        if receipt is not None:
            self._outgoing.delete(receipt)
        self.wake(due_then)

    async def _attempted(self, id_: int, ready: ReadyTenant) -> list[Job]:
        """What is due by the attempt. Without the journal it is not known whether one has begun."""
        due_then: list[Job] = []

        def enqueue(_connection: Connection, jobs: Sequence[Job]) -> None:
            due_then[:] = jobs

        while True:
            try:
                await self._peer.see_to(id_, ready, enqueue)
            except JournalError:
                if self._is_stopping:
                    return []
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            else:
                return due_then

    def _room(self) -> Mapping[str, int]:
        return count_free_slots(self.tenants, (account for _, account in self._running.values()))

    async def _looking(self) -> None:
        """Look at the journal now and then; with a backlog, whenever there is room again."""
        while True:
            self._look.clear()
            with suppress(JournalError):
                await self._looked()
            seconds = _LOOK_ALONE_SECONDS if self._away else _LOOK_SECONDS
            await _heard_within(self._look, seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    async def _looked(self) -> None:
        now, is_idle = self.worker.now(), not self._running
        at_once = bool(self._away) or now < self._at_once_until
        before = now if at_once else now - _LATE_MILLISECONDS
        wide = {tenant: most * _WIDER for tenant, most in self._room().items()}
        found = await self.worker.journal.run(find_due, before, wide, is_idle=is_idle)
        self._has_more = self._took_up(found)

    def _took_up(self, found: list[DueDelivery]) -> bool:
        """Begin as many as there is room for; whether some are left."""
        random.shuffle(found)
        has_left = False
        for one in found:
            if one.id in self._running:
                continue
            if one.tenant in self._room():
                self._begin(one.id, self.tenants.ready[one.tenant])
            else:
                has_left = True
        return has_left

    def _hurry(self) -> None:
        """For a while no message is waited for: the journal has what there is none for any more."""
        self._at_once_until = self.worker.now() + 2 * _LATE_MILLISECONDS

    async def _recovering(self) -> None:
        """Give back what processes hold that are gone: it is due then."""
        while True:
            with suppress(JournalError):
                if await self.worker.journal.run(self._recover):
                    self._hurry()
                    self._look.set()
            await asyncio.sleep(_LOOK_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    def _recover(self, connection: Connection) -> list[int]:
        delete_old_heartbeats(connection, self._peer.lease_milliseconds)
        return recover_expired(connection, self.worker.now())

    def _heard(self, what: str, error: QueueError | None) -> None:
        """The queue has answered, or not; told when that changes."""
        was_away = what in self._away
        if error is not None:
            self._away.add(what)
            self._look.set()
            if not was_away:
                _log.warning("%s; %s waits, and the journal says what is due", error, what)
        elif was_away:
            self._away.remove(what)
            _log.info("SQS answers again: %s goes on", what)


async def _heard_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _stopped(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
