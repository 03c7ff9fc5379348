"""Stores an event, then answers it in the way that the tenant's `acknowledge` setting says.

`stored`: answer 200 when the event is on the disk. `delivered`: wait for the first attempt, up to a
deadline; answer 500 while the account is unavailable, so that the Event Stream sends the event again,
and 200 otherwise, because the event is stored and its delivery is retried from the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ...journal.claim import DeliveryStatus, Job
from ...journal.events import Arrival, EventFate, StoredEvent
from ...journal.states import DeliveryState
from ...journal.store import store_event
from ...journal.writer import Writer
from ..dispatch.account_health import UNAVAILABLE_STATUS, AccountHealth, failed_unreachable
from ..dispatch.engine import Engine
from ..dispatch.route import find_earlier_rule, make_arrival
from ..dispatch.tenants import Acknowledge, ReadyTenant, Tenants
from ..dispatch.waiters import Waiters
from ..shadow import ArrivedEvent
from .app import Answer

OK = 200


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Accepts events; each is committed to the journal before its answer.

    `deadline`: maximum seconds that an answer waits for a delivery. `on_event` is called with each new
    event that was routed.
    """

    journal: Writer
    tenants: Tenants
    engine: Engine
    waiters: Waiters
    health: AccountHealth
    now: Callable[[], int]
    deadline: float = 20.0
    on_event: Callable[[ArrivedEvent], None] = lambda _event: None

    async def accept(
        self, tenant: str, event: Mapping[str, object]
    ) -> Callable[[], Awaitable[Answer]]:
        """Store an event; return a function that waits for the status and document of its answer.

        Raise JournalError if the event cannot be stored.
        """
        ready = self.tenants.ready.get(tenant)
        arrival = make_arrival(tenant, event, ready, self.now())
        stored = await self.journal.run(store_event, arrival, self.engine.enqueue)
        if stored.begun:
            self.engine.wake([Job(id_, tenant, arrival.at) for id_ in stored.begun])
        if ready is not None and stored.is_new:
            self._pass_to_shadow(ready, arrival, stored, event)
        document = {
            "event": stored.event,
            "fate": stored.fate,
            # The journal has the reason of an earlier event with the same identity.
            "reason": arrival.reason if stored.fate is arrival.fate else None,
            "order": arrival.order_shown,
            "is_new": stored.is_new,
            "deliveries": list(stored.deliveries),
        }
        return partial(self._answer, ready, stored, document)

    def _pass_to_shadow(
        self, ready: ReadyTenant, arrival: Arrival, stored: StoredEvent, event: Mapping[str, object]
    ) -> None:
        """Pass a new event on to the mappings that run in shadow."""
        if stored.fate is not EventFate.DUPLICATE and find_earlier_rule(ready, event) is None:
            wanted = tuple(route.mapping for route in arrival.routes)
            self.on_event(
                ArrivedEvent(id=stored.event, tenant=ready.name, event=event, wanted=wanted)
            )

    async def _answer(
        self, ready: ReadyTenant | None, stored: StoredEvent, document: Mapping[str, object]
    ) -> Answer:
        """Return the answer that the tenant's `acknowledge` setting asks for."""
        if ready is None or ready.acknowledge is Acknowledge.STORED or not stored.deliveries:
            return OK, document
        return await self._delivered(ready, stored, document)

    async def _delivered(
        self, ready: ReadyTenant, stored: StoredEvent, document: Mapping[str, object]
    ) -> Answer:
        """Return the answer after the first attempts, or at the deadline."""
        # While the account is unavailable, answer at once.
        if self.health.is_unavailable(ready.account):
            reads = [self.waiters.read_status(id_) for id_ in stored.deliveries]
        else:
            reads = [self._wait(id_, is_new=id_ in stored.begun) for id_ in stored.deliveries]
        found = await asyncio.gather(*reads)
        states = [None if one is None else one.state for one in found]
        is_away = self.health.is_unavailable(ready.account)
        waits = any(one is None or _waits_for_account(ready, one) for one in found)
        status = UNAVAILABLE_STATUS if is_away and waits else OK
        return status, {**document, "states": states}

    async def _wait(self, delivery: int, *, is_new: bool) -> DeliveryStatus | None:
        return await self.waiters.wait_for_attempt(delivery, self.deadline, is_new=is_new)


def _waits_for_account(ready: ReadyTenant, one: DeliveryStatus) -> bool:
    """Whether a delivery waits because the account is unavailable, or was not attempted yet."""
    if one.state not in (DeliveryState.WAITING, DeliveryState.RUNNING):
        return False
    return not one.has_ended or failed_unreachable(ready, one.mapping, one.reason)
