"""The follower of the live mappings: runs the shadow on each finished event, one after another.

Few events wait, and tenants take turns by the time that they use. When too many wait, or the process ends, an
event is not compared, but recorded and counted as dropped. No delivery waits for any of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...delivery import Prepared, Systems
from ...journal.pack import pack
from ...journal.shadows import ShadowNote, ShadowResult, record_notes
from ...journal.states import DeliveryState
from ...journal.writer import Writer
from ...mapping.plan import Plan
from ...run import Inputs, is_wanted
from ..dispatch.worker import FinishedAttempt
from ..loops import Loop
from .judge import ShadowJudgement, judge_shadow
from .live_answers import fetch_inputs
from .recorded_answers import MissingAnswer
from .shadow import Shadow
from .waiting_events import WaitingEvents

# Each waiting event holds its documents in memory.
_MAX_WAITING = 100
_BATCH = 20
_MAX_DROPPED = 10_000
_RETRY_SECONDS = 1.0
# The recorded version of a mapping that the shadow does not have.
_NO_MAPPING = "none"
_COMPARED = (DeliveryState.DELIVERED, DeliveryState.PARKED, DeliveryState.IGNORED)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArrivedEvent:
    """A stored event, and the live mappings that want it; the shadow may have more."""

    id: int
    tenant: str
    event: Mapping[str, object]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _FinishedDelivery:
    """A delivery whose attempt has ended, with the inputs and the outcome of the live mapping."""

    id: int
    delivery: int
    tenant: str
    live: Plan
    prepared: Prepared | None
    systems: Systems


@dataclass(slots=True)
class ShadowFollower:
    """Compares events with `shadows`, which has the shadows by tenant; `count` is called with each result.

    With `fetches`, documents and look-ups that the live mapping did not need are fetched from its
    systems, one event at a time. `now` is in milliseconds since 1970.
    """

    journal: Writer
    now: Callable[[], int]
    count: Callable[[str, ShadowResult], None] = lambda _tenant, _result: None
    fetches: bool = False
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    loop: Loop = field(default_factory=lambda: Loop("shadow"))
    _waiting: WaitingEvents[_FinishedDelivery | ArrivedEvent] = field(
        default_factory=lambda: WaitingEvents(_MAX_WAITING)
    )
    _batch: list[_FinishedDelivery | ArrivedEvent] = field(default_factory=list)
    _dropped: list[ShadowNote] = field(default_factory=list)

    def offer_attempt(self, attempt: FinishedAttempt) -> None:
        """Queue a finished attempt; returns at once, and raises nothing."""
        claim = attempt.claim
        plan = attempt.ready.plans.get(claim.mapping)
        if plan is not None and attempt.result.state in _COMPARED:
            self._offer(
                _FinishedDelivery(
                    id=claim.event_id,
                    delivery=claim.id,
                    tenant=claim.tenant,
                    live=plan,
                    prepared=attempt.prepared,
                    systems=attempt.ready.systems,
                )
            )

    def offer_event(self, event: ArrivedEvent) -> None:
        """Queue a stored event; returns at once, and raises nothing."""
        self._offer(event)

    async def run(self) -> None:
        """Compare the queued events until cancelled."""
        while True:
            self._batch.append(await self._waiting.get())
            notes = await self._compare_next()
            while self._waiting and len(self._batch) < _BATCH:
                self._batch.append(self._waiting.take())
                notes += await self._compare_next()
            await self._record_all(notes)
            self._batch.clear()

    async def close(self) -> None:
        """Record the events that were not compared as dropped, if the journal can be written."""
        while self._waiting:
            self._batch.append(self._waiting.take())
        for event in self._batch:
            self._drop(event)
        left, self._dropped = self._dropped, []
        if left:
            await self._record(left)

    def _offer(self, event: _FinishedDelivery | ArrivedEvent) -> None:
        if event.tenant not in self.shadows:
            return
        lost = self._waiting.put(event)
        if lost is not None:
            self._drop(lost)

    def _drop(self, event: _FinishedDelivery | ArrivedEvent) -> None:
        dropped = ShadowJudgement(ShadowResult.DROPPED)
        self.count(event.tenant, ShadowResult.DROPPED)
        if isinstance(event, _FinishedDelivery) and len(self._dropped) < _MAX_DROPPED:
            shadow = self.shadows.get(event.tenant)
            plan = None if shadow is None else shadow.plans.get(event.live.name)
            self._dropped.append(_make_note(event, plan, dropped))

    async def _compare_next(self) -> list[ShadowNote]:
        """Compare the last event of the batch, at the expense of its tenant."""
        event, clock = self._batch[-1], asyncio.get_running_loop().time
        begun = clock()
        try:
            return await self._compare(event)
        finally:
            self._waiting.charge(event.tenant, clock() - begun)

    async def _compare(self, event: _FinishedDelivery | ArrivedEvent) -> list[ShadowNote]:
        """Return the notes of an event; an error of erpmap is noted too, and stops nothing."""
        shadow = self.shadows.get(event.tenant)
        if shadow is None:  # it has gone meanwhile
            return []
        work = asyncio.create_task(self._judge(event, shadow))
        try:
            await asyncio.wait([work])
        finally:
            work.cancel()
        plan = shadow.plans.get(event.live.name) if isinstance(event, _FinishedDelivery) else None
        if work.cancelled():  # by the closing of its systems, which it was using
            return (
                []
                if isinstance(event, ArrivedEvent)
                else [_make_note(event, plan, ShadowJudgement(ShadowResult.DROPPED))]
            )
        if (error := work.exception()) is None:
            return work.result()
        _log.error("the shadow of event %s failed", event.id, exc_info=error)
        if isinstance(event, ArrivedEvent):
            return []
        broken = ShadowJudgement(ShadowResult.BROKEN, f"erpmap failed ({type(error).__name__})")
        return [_make_note(event, plan, broken)]

    async def _judge(
        self, event: _FinishedDelivery | ArrivedEvent, shadow: Shadow
    ) -> list[ShadowNote]:
        """Run the shadow on a thread: a mapping that takes a second must not delay any answer."""
        if isinstance(event, ArrivedEvent):
            return await asyncio.to_thread(_judge_event, event, shadow)
        found = await asyncio.to_thread(_judge_delivery, event, shadow, None)
        if (
            not self.fetches
            or event.prepared is None
            or found[0].result is not ShadowResult.UNANSWERED
        ):
            return found
        plan = shadow.plans[event.live.name]
        inputs = await fetch_inputs(plan, event.live, event.prepared.inputs, event.systems)
        if isinstance(inputs, MissingAnswer):
            return [replace(found[0], reason=inputs.reason)]
        return await asyncio.to_thread(_judge_delivery, event, shadow, inputs)

    async def _record_all(self, notes: Sequence[ShadowNote]) -> None:
        """Record notes, and retry while the journal is unavailable; further events are dropped meanwhile."""
        while not await self._record(notes):
            await asyncio.sleep(_RETRY_SECONDS)
        for note in notes:
            self.count(note.tenant, note.result)
        while dropped := self._dropped[:_BATCH]:
            if not await self._record(dropped):
                return
            del self._dropped[: len(dropped)]

    async def _record(self, notes: Sequence[ShadowNote]) -> bool:
        with self.loop.round():
            await self.journal.run(record_notes, notes, self.now())
            return True
        return False


def _judge_delivery(
    event: _FinishedDelivery, shadow: Shadow, inputs: Inputs | None
) -> list[ShadowNote]:
    if shadow.trouble is not None:
        return [_make_note(event, None, ShadowJudgement(ShadowResult.BROKEN, shadow.trouble))]
    plan = shadow.plans.get(event.live.name)
    if plan is None:
        gone = ShadowJudgement(ShadowResult.UNWANTED, "it has no such mapping")
        return [replace(_make_note(event, None, gone), shadow=_NO_MAPPING)]
    return [_make_note(event, plan, judge_shadow(plan, event.live, event.prepared, inputs))]


def _judge_event(event: ArrivedEvent, shadow: Shadow) -> list[ShadowNote]:
    """Return a note for each mapping that wants the event only in the shadow."""
    return [
        ShadowNote(
            event=event.id,
            delivery=None,
            tenant=event.tenant,
            mapping=plan.name,
            live=None,
            shadow=plan.version,
            result=ShadowResult.GAINED,
        )
        for plan in shadow.plans.values()
        if plan.name not in event.wanted and is_wanted(plan, event.event)
    ]


def _make_note(event: _FinishedDelivery, plan: Plan | None, found: ShadowJudgement) -> ShadowNote:
    version = "" if plan is None else plan.version
    document = pack(found.document) if found.document else None
    return ShadowNote(
        event=event.id,
        delivery=event.delivery,
        tenant=event.tenant,
        mapping=event.live.name,
        live=event.live.version,
        shadow=version,
        result=found.result,
        reason=found.reason,
        document=document,
    )
