"""Events that were stored while their tenant could not run, routed when it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ..dispatch.port import Engine, Job
from ..dispatch.routing import arrival_of
from ..dispatch.tenants import Ready
from ..journal.committing import Committer
from ..journal.documents import unpacked
from ..journal.storing import Unrouted, route, unrouted

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Settling:
    """Routes what waits for a tenant's mappings."""

    journal: Committer
    engine: Engine
    now: Callable[[], int]

    async def settle(self, ready: Ready) -> None:
        """Route all events of a tenant that wait. Raise JournalError."""
        while found := await self.journal.do(lambda c: unrouted(c, ready.name, _AT_ONCE)):
            jobs = await self.journal.do(lambda c, found=found: self._route(c, ready, found))  # type: ignore[misc]
            self.engine.wake(jobs)

    def _route(self, connection: Connection, ready: Ready, found: list[Unrouted]) -> list[Job]:
        """Route them; gives what is due by it."""
        due: list[Job] = []
        for one in found:
            event: Any = unpacked(one.document)
            arrival = arrival_of(ready.name, event, ready, self.now())
            stored = route(connection, one.id, arrival)
            due += [Job(id_, ready.name, arrival.at) for id_ in stored.begun]
        if due:
            self.engine.enqueue(connection, due)
        return due
