"""The backlog: events stored while their tenant could not run, routed once it can."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from ...findings.errors import DamagedError, ReadError
from ...journal.backlog import (
    BacklogEvent,
    find_tenants_with_backlog,
    list_backlog,
    record_reason,
    route_event,
)
from ...journal.change import offer_again
from ...journal.claim import Job
from ...journal.mapping_versions import StoredVersion
from ...journal.pack import unpack
from ...journal.writer import Writer
from ..loops import Loop
from .engine import Engine
from .route import make_arrival
from .tenants import ReadyTenant

_BATCH = 100
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _RoutedBatch:
    """The jobs that a batch of events has made due, and the ids of damaged events."""

    due: list[Job]
    damaged: list[int]


@dataclass(frozen=True, slots=True)
class BacklogRouter:
    """Routes the events that wait for the mappings of a tenant.

    An event that cannot be read keeps waiting, with the reason recorded, and delays no other event.
    """

    journal: Writer
    engine: Engine
    now: Callable[[], int]
    loop: Loop = field(default_factory=lambda: Loop("backlog"))

    async def route_backlog(self, ready: ReadyTenant) -> None:
        """Route all waiting events of a tenant. Raise JournalError."""
        after = 0
        while events := await self.journal.run(list_backlog, ready.name, _BATCH, after):
            batch = await self.journal.run(self._route_batch, ready, events)
            self.engine.wake(batch.due)
            for event in batch.damaged:
                _log.error("event %s cannot be routed: its document is damaged", event)
            after = events[-1].id

    async def route_late(self, tenants: Iterable[ReadyTenant]) -> None:
        """Route the waiting events of several tenants, found with one query. Raise JournalError.

        They were stored by a process in which the tenant cannot run, or by this process while it
        could not, and were committed after the tenant's backlog had been routed.
        """
        by_name = {ready.name: ready for ready in tenants}
        with self.loop.observed():
            names = await self.journal.run(find_tenants_with_backlog, by_name) if by_name else ()
            for name in names:
                await self.route_backlog(by_name[name])

    async def offer_parked(self, ready: ReadyTenant) -> None:
        """Offer deliveries that an earlier version of a mapping parked to the version of now.

        Raise JournalError.
        """
        for plan in ready.plans.values():
            mapping = StoredVersion(ready.name, plan.name, plan.version)
            after: int | None = 0
            while after is not None:
                after, due = await self.journal.run(self._offer_batch, mapping, after)
                self.engine.wake(due)

    def _offer_batch(
        self, connection: Connection, mapping: StoredVersion, after: int
    ) -> tuple[int | None, list[Job]]:
        now = self.now()
        last, changed = offer_again(connection, mapping, after, _BATCH, now)
        due = [Job(delivery.id, delivery.tenant, now) for delivery in changed.due]
        if due and self.engine.enqueue is not None:
            self.engine.enqueue(connection, due)
        return last, due

    def _route_batch(
        self, connection: Connection, ready: ReadyTenant, events: list[BacklogEvent]
    ) -> _RoutedBatch:
        batch = _RoutedBatch([], [])
        for waiting in events:
            try:
                event: Any = unpack(waiting.document)
            except (DamagedError, ReadError) as error:
                is_new = record_reason(connection, waiting.id, f"damaged: {error}")
                batch.damaged += [waiting.id] if is_new else []
                continue
            arrival = make_arrival(ready.name, event, ready, self.now())
            stored = route_event(connection, waiting.id, arrival)
            batch.due += [Job(id_, ready.name, arrival.at) for id_ in stored.begun]
        if batch.due and self.engine.enqueue is not None:
            self.engine.enqueue(connection, batch.due)
        return batch
