"""Events that were stored while their tenant could not run, routed when it can."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
from ...journal.claim import Job
from ...journal.pack import unpack
from ...journal.writer import Writer
from .engine import Engine
from .route import make_arrival
from .tenants import ReadyTenant

_AT_ONCE = 100
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Done:
    """What is due by a part of them, and which were found to be damaged."""

    due: list[Job]
    damaged: list[int]


@dataclass(frozen=True, slots=True)
class BacklogRouter:
    """Routes what waits for a tenant's mappings.

    An event that cannot be read waits on, with the reason beside it, and keeps no other from its way.
    """

    journal: Writer
    engine: Engine
    now: Callable[[], int]

    async def settle(self, ready: ReadyTenant) -> None:
        """Route all events of a tenant that wait. Raise JournalError."""
        after = 0
        while found := await self._found(ready, after):
            done = await self._routed(ready, found)
            self.engine.wake(done.due)
            for event in done.damaged:
                _log.error("event %s cannot be routed: its document is damaged", event)
            after = found[-1].id

    async def settle_late(self, ready: Iterable[ReadyTenant]) -> None:
        """The same for those of some tenants that have any, found with one look. Raise JournalError.

        They were stored by a process in which their tenant cannot run, or by this one while it could
        not, and committed after the tenant was settled.
        """
        by_name = {one.name: one for one in ready}
        waiting = await self.journal.run(find_tenants_with_backlog, by_name) if by_name else ()
        for name in waiting:
            await self.settle(by_name[name])

    async def _found(self, ready: ReadyTenant, after: int) -> list[BacklogEvent]:
        return await self.journal.run(list_backlog, ready.name, _AT_ONCE, after)

    async def _routed(self, ready: ReadyTenant, found: list[BacklogEvent]) -> _Done:
        return await self.journal.run(self._route, ready, found)

    def _route(
        self, connection: Connection, ready: ReadyTenant, found: list[BacklogEvent]
    ) -> _Done:
        done = _Done([], [])
        for one in found:
            try:
                event: Any = unpack(one.document)
            except (DamagedError, ReadError) as error:
                is_new = record_reason(connection, one.id, f"damaged: {error}")
                done.damaged += [one.id] if is_new else []
                continue
            arrival = make_arrival(ready.name, event, ready, self.now())
            stored = route_event(connection, one.id, arrival)
            done.due += [Job(id_, ready.name, arrival.at) for id_ in stored.begun]
        if done.due and self.engine.enqueue is not None:
            self.engine.enqueue(connection, done.due)
        return done
