"""What is answered to an event: stored first, and then as the tenant has it acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ..dispatch.hearing import Hearing
from ..dispatch.port import Engine, Job
from ..dispatch.routing import arrival_of
from ..dispatch.tenants import Tenants
from ..journal.committing import Committer
from ..journal.storing import Arrival, Stored, store


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Accepts events: each is committed to the journal before anything is answered.

    `deadline` are the seconds that a tenant who acknowledges what is delivered waits for that.
    """

    journal: Committer
    tenants: Tenants
    engine: Engine
    hearing: Hearing
    now: Callable[[], int]
    deadline: float = 20.0

    async def accept(
        self, tenant: str, event: Mapping[str, object]
    ) -> tuple[int, Mapping[str, object]]:
        """The status and document to answer with. Raise JournalError when it cannot be stored."""
        ready = self.tenants.ready.get(tenant)
        plans = None if ready is None else tuple(ready.plans.values())
        arrival = arrival_of(tenant, event, plans, self.now())
        stored = await self.journal.do(lambda connection: self._store(connection, arrival))
        if stored.begun:
            self.engine.wake()
        return 200, {"event": stored.event, "fate": stored.fate, "is_new": stored.is_new}

    def _store(self, connection: Connection, arrival: Arrival) -> Stored:
        """The event, its deliveries, and what makes them due, in one transaction."""
        stored = store(connection, arrival)
        jobs = [Job(id_, arrival.tenant, arrival.at) for id_ in stored.begun]
        if jobs:
            self.engine.enqueue(connection, jobs)
        return stored
