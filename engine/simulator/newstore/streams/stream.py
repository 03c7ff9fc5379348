"""The state of the Event Stream: events, integrations, and the history of each integration.

State with a lifetime. `publish` may be called from any thread; everything else must run in the event
loop that delivers.
"""

from __future__ import annotations

import asyncio
import heapq
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from ....documents import write_json_bytes
from ..moments import format_moment, parse_moment

MAX_REJECTED = 30
MAX_LOGS = 50
_NAMESPACE = uuid.UUID("3b0f3f8e-6a0d-5f0a-9a5e-0c3d1f7b2c44")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: the stream's id for it, its name, its moment in Unix seconds, and the body to post."""

    id: str
    name: str
    moment: float
    body: bytes


@dataclass(frozen=True, slots=True)
class IntegrationTerms:
    """The terms of an integration's registration; moments in Unix seconds, filters None for all."""

    id: str
    kind: str
    callback_url: str
    api_key: str | None = field(default=None, repr=False)
    starts: float | None = None
    ends: float | None = None
    event_filter: tuple[str, ...] | None = None
    entity_filter: tuple[str, ...] | None = None

    def includes(self, event: Event) -> bool:
        """Return whether an event is in the window and matches every filter that is given."""
        if self.starts is not None and event.moment < self.starts:
            return False
        if self.ends is not None and event.moment > self.ends:
            return False
        if self.event_filter is not None and event.name not in self.event_filter:
            return False
        entity = event.name.partition(".")[0]
        return self.entity_filter is None or entity in self.entity_filter


@dataclass(frozen=True, slots=True)
class SimulatedRejection:
    """An event that the service refused with 400."""

    event: Event
    at: float


@dataclass(slots=True)
class SimulatedIntegration:
    """One integration: its terms, its position in the events, and the results of their delivery.

    `taken` counts the events read. `waiting` is a heap by the place at which an event is sent,
    `later` holds postponed events with the event loop's time at which they are due; `current` is in
    transit. `failed` counts the attempts in a row that neither delivered nor rejected an event.
    """

    terms: IntegrationTerms
    random: Random
    created: float
    taken: int = 0
    stopped: float | None = None
    waiting: list[tuple[int, int, Event]] = field(default_factory=list)
    later: list[tuple[float, Event]] = field(default_factory=list)
    current: Event | None = None
    pushed: int = 0
    failed: int = 0
    rejected: deque[SimulatedRejection] = field(default_factory=lambda: deque(maxlen=MAX_REJECTED))
    logs: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=MAX_LOGS))
    counts: Counter[str] = field(default_factory=Counter)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None
    task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether its task is alive; a stopping server ends the task too."""
        return self.task is not None and not self.task.done()

    def log(self, now: float, action: str, reason: str) -> None:
        """Add a log entry; the last fifty are kept."""
        self.logs.append({"created_at": format_moment(now), "action": action, "reason": reason})

    def push(self, event: Event, places: int = 0) -> None:
        """Queue an event, at most `places` places behind its turn."""
        place = self.pushed + (self.random.randint(0, places) if places else 0)
        heapq.heappush(self.waiting, (place, self.pushed, event))
        self.pushed += 1

    def take_next(self) -> Event:
        """Take the next event as `current`. It is always in one of the two: other threads count both."""
        self.current = self.waiting[0][2]
        heapq.heappop(self.waiting)
        return self.current

    def is_idle(self, published: int) -> bool:
        """Return whether nothing is left to send; a temporary integration then stops by itself."""
        if not self.is_running or self.terms.kind == "temporary":
            return not self.is_running
        is_empty = not self.waiting and not self.later and self.current is None
        return self.taken >= published and is_empty


@dataclass(slots=True)
class Stream:
    """All published events, and all integrations."""

    events: list[Event] = field(default_factory=list)
    integrations: dict[str, SimulatedIntegration] = field(default_factory=dict)

    def publish(self, envelope: Mapping[str, object], now: float) -> None:
        """Publish an event; without `published_at` its moment is `now`.

        Raise TypeError for an envelope that cannot be written as JSON.
        """
        body = write_json_bytes(dict(envelope))
        moment = parse_moment(envelope.get("published_at"))
        identity = str(uuid.uuid5(_NAMESPACE, str(len(self.events))))
        name = str(envelope.get("name"))
        self.events.append(
            Event(id=identity, name=name, moment=now if moment is None else moment, body=body)
        )
        for integration in list(self.integrations.values()):
            if integration.is_running and integration.loop is not None:
                with suppress(RuntimeError):  # the loop was closed in the meantime
                    integration.loop.call_soon_threadsafe(integration.wake.set)

    def document(self) -> list[dict[str, object]]:
        """Return the state of every integration as plain data, for an operator."""
        return [
            {
                "id": integration.terms.id,
                "status": get_status(integration),
                "waiting": len(integration.waiting)
                + len(integration.later)
                + (integration.current is not None),
                "counts": dict(sorted(integration.counts.items())),
                "rejected": [rejection.event.id for rejection in list(integration.rejected)],
            }
            for integration in list(self.integrations.values())
        ]


def get_status(integration: SimulatedIntegration) -> str:
    """Return `running` or `stopped`."""
    return "running" if integration.is_running else "stopped"
