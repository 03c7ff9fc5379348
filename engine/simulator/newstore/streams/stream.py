"""What the Event Stream keeps: events, and the integrations with all that happened to them.

State with a lifetime. `publish` may be called from any thread; everything else belongs to the event
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
    """One event: an id of the stream's own, its name, its moment in Unix seconds, what is posted."""

    id: str
    name: str
    moment: float
    body: bytes


@dataclass(frozen=True, slots=True)
class IntegrationTerms:
    """What an integration was registered with; moments in Unix seconds, filters None for all."""

    id: str
    kind: str
    callback_url: str
    api_key: str | None = field(default=None, repr=False)
    starts: float | None = None
    ends: float | None = None
    event_filter: tuple[str, ...] | None = None
    entity_filter: tuple[str, ...] | None = None

    def includes(self, event: Event) -> bool:
        """Whether an event is in the window and named by the filters; each one given has to fit."""
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
    """An event that was answered with 400."""

    event: Event
    at: float


@dataclass(slots=True)
class SimulatedIntegration:
    """One integration: its terms, where it is in the events, and what became of them.

    `taken` counts the events looked at. `waiting` is a heap by the place at which an event is sent,
    `later` holds those to send again and when, by the event loop's time; `current` is on its way.
    `failed` counts the attempts in a row that dealt with nothing.
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
        """Whether its task is alive; a server that is stopped ends it too."""
        return self.task is not None and not self.task.done()

    def log(self, now: float, action: str, reason: str) -> None:
        """Note something that happened; the last fifty are kept."""
        self.logs.append({"created_at": format_moment(now), "action": action, "reason": reason})

    def push(self, event: Event, places: int = 0) -> None:
        """Let an event wait, at most that many places behind where it belongs."""
        place = self.pushed + (self.random.randint(0, places) if places else 0)
        heapq.heappush(self.waiting, (place, self.pushed, event))
        self.pushed += 1

    def take_next(self) -> Event:
        """The next event, now on its way. It is never nowhere: others look from other threads."""
        self.current = self.waiting[0][2]
        heapq.heappop(self.waiting)
        return self.current

    def is_idle(self, published: int) -> bool:
        """Whether there is nothing left to send; a temporary one then stops by itself."""
        if not self.is_running or self.terms.kind == "temporary":
            return not self.is_running
        is_empty = not self.waiting and not self.later and self.current is None
        return self.taken >= published and is_empty


@dataclass(slots=True)
class Stream:
    """All events that happened, and all integrations."""

    events: list[Event] = field(default_factory=list)
    integrations: dict[str, SimulatedIntegration] = field(default_factory=dict)

    def publish(self, envelope: Mapping[str, object], now: float) -> None:
        """Let an event happen. One that says no moment of its own happens now.

        Raise TypeError for an envelope that is no JSON.
        """
        body = write_json_bytes(dict(envelope))
        moment = parse_moment(envelope.get("published_at"))
        identity = str(uuid.uuid5(_NAMESPACE, str(len(self.events))))
        name = str(envelope.get("name"))
        self.events.append(Event(identity, name, now if moment is None else moment, body))
        for integration in list(self.integrations.values()):
            if integration.is_running and integration.loop is not None:
                with suppress(RuntimeError):  # the loop has just been closed
                    integration.loop.call_soon_threadsafe(integration.wake.set)

    def document(self) -> list[dict[str, object]]:
        """What an operator sees of every integration, as plain data."""
        return [
            {
                "id": each.terms.id,
                "status": get_status(each),
                "waiting": len(each.waiting) + len(each.later) + (each.current is not None),
                "counts": dict(sorted(each.counts.items())),
                "rejected": [kept.event.id for kept in list(each.rejected)],
            }
            for each in list(self.integrations.values())
        ]


def get_status(integration: SimulatedIntegration) -> str:
    """`running` or `stopped`."""
    return "running" if integration.is_running else "stopped"
