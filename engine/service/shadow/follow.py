"""The live mappings followed: each event they are through with is run by the shadow, one after another.

What is offered waits in a queue with a bound. When it is full, or the process ends, an event is not
compared; it is noted and counted as dropped. Nobody waits for any of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...delivery import Prepared, Systems
from ...findings.errors import JournalError
from ...journal.pack import pack
from ...journal.shadows import ShadowNote, ShadowResult, record_notes
from ...journal.states import DeliveryState
from ...journal.writer import Writer
from ...mapping.plan import Plan
from ...run import Inputs, is_wanted
from ..dispatch.worker import FinishedAttempt
from .judge import ShadowJudgement, judge_shadow
from .live_answers import fetch_inputs
from .recorded_answers import MissingAnswer
from .shadow import Shadow

# Each waiting event holds its documents in memory.
_MOST_WAITING = 100
_MOST_AT_ONCE = 20
_MOST_DROPPED = 10_000
_AFTER_TROUBLE_SECONDS = 1.0
# What stands for the version of a mapping that the shadow does not have.
_NO_MAPPING = "none"
_COMPARED = (DeliveryState.DELIVERED, DeliveryState.PARKED, DeliveryState.IGNORED)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArrivedEvent:
    """An event that was stored, by its id, and the live mappings that want it; the shadow may have more."""

    id: int
    tenant: str
    event: Mapping[str, object]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ended:
    """A delivery whose attempt has ended, with what the live mapping was given and made of it."""

    id: int
    delivery: int
    tenant: str
    live: Plan
    prepared: Prepared | None
    systems: Systems


@dataclass(slots=True)
class ShadowFollower:
    """`shadows` are those there are, by tenant; `counted` hears of each result.

    With `asks`, what the live mapping did not ask for is asked of its systems: documents and look-ups,
    one event at a time. `now` is in milliseconds since 1970.
    """

    journal: Writer
    now: Callable[[], int]
    counted: Callable[[str, ShadowResult], None] = lambda _tenant, _result: None
    asks: bool = False
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    _waiting: asyncio.Queue[_Ended | ArrivedEvent] = field(
        default_factory=lambda: asyncio.Queue(_MOST_WAITING)
    )
    _at: list[_Ended | ArrivedEvent] = field(default_factory=list)
    _dropped: list[ShadowNote] = field(default_factory=list)

    def told(self, told: FinishedAttempt) -> None:
        """An attempt has ended; takes no time, and raises nothing."""
        taken = told.taken
        plan = told.ready.plans.get(taken.mapping)
        if plan is not None and told.result.state in _COMPARED:
            key, given = (taken.event_id, taken.id, taken.tenant), told.prepared
            self._offer(_Ended(*key, plan, given, told.ready.systems))

    def arrived(self, one: ArrivedEvent) -> None:
        """An event is stored; the same holds."""
        self._offer(one)

    async def run(self) -> None:
        """Compare what is offered until cancelled."""
        while True:
            self._at.append(await self._waiting.get())
            while not self._waiting.empty() and len(self._at) < _MOST_AT_ONCE:
                self._at.append(self._waiting.get_nowait())
            notes = [one for each in self._at for one in await self._notes(each)]
            await self._keep(notes)
            self._at.clear()

    async def close(self) -> None:
        """Note what has not been compared as dropped, if the journal can be written."""
        while not self._waiting.empty():
            self._at.append(self._waiting.get_nowait())
        for one in self._at:
            self._drop(one)
        left, self._dropped = self._dropped, []
        if left:
            await self._written(left)

    def _offer(self, one: _Ended | ArrivedEvent) -> None:
        if one.tenant not in self.shadows:
            return
        try:
            self._waiting.put_nowait(one)
        except asyncio.QueueFull:
            self._drop(one)

    def _drop(self, one: _Ended | ArrivedEvent) -> None:
        dropped = ShadowJudgement(ShadowResult.DROPPED)
        self.counted(one.tenant, ShadowResult.DROPPED)
        if isinstance(one, _Ended) and len(self._dropped) < _MOST_DROPPED:
            shadow = self.shadows.get(one.tenant)
            plan = None if shadow is None else shadow.plans.get(one.live.name)
            self._dropped.append(_noted(one, plan, dropped))

    async def _notes(self, one: _Ended | ArrivedEvent) -> list[ShadowNote]:
        """What is noted of an event; a mistake of ours is noted too, and ends nothing."""
        shadow = self.shadows.get(one.tenant)
        if shadow is None:  # it has gone meanwhile
            return []
        work = asyncio.create_task(self._found(one, shadow))
        try:
            await asyncio.wait([work])
        finally:
            work.cancel()
        plan = shadow.plans.get(one.live.name) if isinstance(one, _Ended) else None
        if work.cancelled():  # not by us: its systems were closed while it asked them
            return (
                []
                if isinstance(one, ArrivedEvent)
                else [_noted(one, plan, ShadowJudgement(ShadowResult.DROPPED))]
            )
        if (error := work.exception()) is None:
            return work.result()
        _log.error("the shadow of event %s failed", one.id, exc_info=error)
        if isinstance(one, ArrivedEvent):
            return []
        broken = ShadowJudgement(ShadowResult.BROKEN, f"erpmap failed ({type(error).__name__})")
        return [_noted(one, plan, broken)]

    async def _found(self, one: _Ended | ArrivedEvent, shadow: Shadow) -> list[ShadowNote]:
        """Threads run it, so that a mapping which takes a second for an order holds up nobody's answer."""
        if isinstance(one, ArrivedEvent):
            return await asyncio.to_thread(_arrived, one, shadow)
        found = await asyncio.to_thread(_ended, one, shadow, None)
        if not self.asks or one.prepared is None or found[0].result is not ShadowResult.UNANSWERED:
            return found
        plan = shadow.plans[one.live.name]
        inputs = await fetch_inputs(plan, one.live, one.prepared.inputs, one.systems)
        if isinstance(inputs, MissingAnswer):
            return [replace(found[0], reason=inputs.what)]
        return await asyncio.to_thread(_ended, one, shadow, inputs)

    async def _keep(self, notes: Sequence[ShadowNote]) -> None:
        """Write notes, however long the journal cannot; meanwhile others are dropped, and that is noted."""
        while not await self._written(notes):
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
        for one in notes:
            self.counted(one.tenant, one.result)
        while dropped := self._dropped[:_MOST_AT_ONCE]:
            if not await self._written(dropped):
                return
            del self._dropped[: len(dropped)]

    async def _written(self, notes: Sequence[ShadowNote]) -> bool:
        try:
            await self.journal.run(record_notes, notes, self.now())
        except JournalError:
            return False
        return True


def _ended(one: _Ended, shadow: Shadow, inputs: Inputs | None) -> list[ShadowNote]:
    if shadow.trouble is not None:
        return [_noted(one, None, ShadowJudgement(ShadowResult.BROKEN, shadow.trouble))]
    plan = shadow.plans.get(one.live.name)
    if plan is None:
        gone = ShadowJudgement(ShadowResult.UNWANTED, "it has no such mapping")
        return [replace(_noted(one, None, gone), shadow=_NO_MAPPING)]
    return [_noted(one, plan, judge_shadow(plan, one.live, one.prepared, inputs))]


def _arrived(one: ArrivedEvent, shadow: Shadow) -> list[ShadowNote]:
    """A note for each mapping that only the shadow has want the event."""
    return [
        ShadowNote(one.id, None, one.tenant, plan.name, None, plan.version, ShadowResult.GAINED)
        for plan in shadow.plans.values()
        if plan.name not in one.wanted and is_wanted(plan, one.event)
    ]


def _noted(one: _Ended, plan: Plan | None, found: ShadowJudgement) -> ShadowNote:
    version = "" if plan is None else plan.version
    document = pack(found.document) if found.document else None
    key = one.id, one.delivery, one.tenant, one.live.name, one.live.version, version
    return ShadowNote(*key, found.result, found.reason, document)
