"""One delivery, taken from the journal, attempted, and brought to an end there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from ...delivery import (
    AttemptHistory,
    AttemptState,
    Delivery,
    Prepared,
    Systems,
    attempt,
    inputs_to_document,
)
from ...findings.errors import DamagedError, JournalError
from ...journal.claim import Claim, claim_delivery, record_payloads
from ...journal.finish import AttemptEnd, finish_attempt
from ...journal.pack import pack
from ...journal.states import DeliveryState
from ...journal.writer import Writer
from ...mapping.plan import Plan
from ...run.ledger import WrittenRecord
from .engine import Job
from .go_live import EARLIER_WORDS, POSTED_EARLIER
from .pinned_plan import PinnedPlans
from .step_timer import StepTimer, TimedStep, noted
from .tenants import ReadyTenant

_STATES = {
    AttemptState.DELIVERED: DeliveryState.DELIVERED,
    AttemptState.IGNORED: DeliveryState.IGNORED,
    AttemptState.WAITING: DeliveryState.WAITING,
    AttemptState.PARKED: DeliveryState.PARKED,
}
_GONE, _JOURNAL, _BROKEN = "mapping_gone", "journal", "broken"
_DAMAGED, _VERSION_GONE = "damaged", "version_gone"
_LOOK = "look whether its records stand; then `queue resolve` it, or `queue retry --anew`"
# A wait is stretched by at most this part of it.
_STRETCH = 0.25
# Milliseconds until the journal is tried again.
_AGAIN = 1_000
_log = logging.getLogger(__name__)

Enqueue = Callable[[Connection, Sequence[Job]], None]


@dataclass(frozen=True, slots=True)
class FinishedAttempt:
    """An attempt of a delivery that has ended, and is committed.

    `delivery` is its id; `steps` are those that were begun, `watch` knows when it was. `prepared` is what
    the mapping was given and made of it, None where it did not come to that.
    """

    delivery: int
    ready: ReadyTenant
    result: AttemptEnd
    taken: Claim
    watch: StepTimer
    prepared: Prepared | None = None

    @property
    def steps(self) -> tuple[TimedStep, ...]:
        """The steps that were begun, in the order in which they ended."""
        return tuple(self.watch.steps)


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works: `holder` names this process in the journal, `now` is in milliseconds since 1970.

    `begun` hears of each attempt that begins, `told` of each that has ended. `chance` gives numbers
    from 0 to 1: waits are stretched by it, so that what failed together is not tried again together.
    """

    journal: Writer
    holder: str
    now: Callable[[], int]
    told: Callable[[FinishedAttempt], None]
    begun: Callable[[Claim], None] = lambda _taken: None
    chance: Callable[[], float] = random.random
    _used: Counter[int] = field(default_factory=Counter)
    _versions: PinnedPlans = field(default_factory=PinnedPlans)

    async def deliver(self, id_: int, ready: ReadyTenant, enqueue: Enqueue) -> bool:
        """Take a delivery as far as it goes now; false when it is not to be had, or no more.

        `enqueue` is the engine's: it hears what is due by this, within the transaction that ends it.
        Raise JournalError when it cannot be taken.
        """
        taken = await self.journal.run(lambda c: claim_delivery(c, id_, self.holder, self.now()))
        if taken is None:
            return False
        self.begun(taken)
        watch = StepTimer()
        result, prepared = await self._result(taken, ready, watch)
        watch.stop()
        result = replace(result, steps=noted(watch.steps))
        is_ours = await self._ended(lambda c: self._end(c, taken, result, enqueue))
        self.told(FinishedAttempt(id_, ready, result, taken, watch, prepared))
        return is_ours

    def hold(self, ready: ReadyTenant, task: asyncio.Task[object]) -> None:
        """A tenant's systems stay open until a task has ended, which may not have begun yet."""
        self._used[id(ready.systems)] += 1
        task.add_done_callback(lambda _: self._used.subtract((id(ready.systems),)))

    def is_using(self, systems: Systems) -> bool:
        """Whether a delivery speaks to them just now, or will."""
        return self._used[id(systems)] > 0

    async def _result(
        self, taken: Claim, ready: ReadyTenant, watch: StepTimer
    ) -> tuple[AttemptEnd, Prepared | None]:
        """How the attempt ended, whatever happened: a delivery that is left to itself is stuck."""
        plan = ready.plans.get(taken.mapping)
        if plan is None:
            words = f"the tenant has no mapping {taken.mapping!r} any more"
            return _left(DeliveryState.PARKED, taken, self.now(), _GONE, words), None
        try:
            if _is_posted_earlier(plan, taken, ready):
                at, words = self.now(), EARLIER_WORDS
                return _left(DeliveryState.IGNORED, taken, at, POSTED_EARLIER, words), None
            allowed = ready.closed_period
            systems = replace(ready.systems, steps=watch, closed_period=allowed)
            return await self._attempted(plan, taken, systems)
        except DamagedError as error:  # it would be so the next time, too
            words = f"{error}; {_LOOK}" if taken.is_unsure else str(error)
            return _left(DeliveryState.PARKED, taken, self.now(), _DAMAGED, words), None
        except JournalError as error:  # before anything was written: it could not be kept
            at = self.now()
            left = _left(DeliveryState.WAITING, taken, at, _JOURNAL, str(error))
            return replace(left, due_at=at + _AGAIN), None
        except Exception as error:  # noqa: BLE001 - the one place where a mistake of ours is parked
            words = f"erpmap failed ({type(error).__name__}); its log says where"
            _log.exception("delivery %s failed", taken.id)
            left = _left(DeliveryState.PARKED, taken, self.now(), _BROKEN, words)
            return replace(left, is_unsure=True), None

    async def _attempted(
        self, plan: Plan, taken: Claim, systems: Systems
    ) -> tuple[AttemptEnd, Prepared | None]:
        past = _past(taken, self.now())
        if taken.given is not None:
            repeating = await self._versions.repeating(self.journal, plan, taken)
            if repeating is None:
                words = f"no mapping makes what may have been written any more; {_LOOK}"
                return _left(DeliveryState.PARKED, taken, self.now(), _VERSION_GONE, words), None
            plan, inputs = repeating
            past = replace(past, inputs=inputs)
        keep = self._keeping(plan, taken)
        result = await attempt(plan, taken.event, systems, past, keep=keep)
        stretched = 1 + _STRETCH * self.chance()
        return _end(plan, taken, result, self.now(), stretched), result.prepared

    async def _ended(self, write: Callable[[Connection], bool]) -> bool:
        """Write an end, however long the journal cannot: what it says has happened already."""
        while True:
            try:
                return await self.journal.run(write)
            except JournalError:
                await asyncio.sleep(_AGAIN / 1000)

    def _end(
        self, connection: Connection, taken: Claim, result: AttemptEnd, enqueue: Enqueue
    ) -> bool:
        """Write the end, and in the same transaction tell the engine what is due by it."""
        ended = finish_attempt(connection, taken, self.holder, result)
        due = [] if result.due_at is None else [(taken.id, result.due_at)]
        due += [] if ended.released is None else [(ended.released, result.at)]
        if ended.is_ours and due:
            enqueue(connection, [Job(id_, taken.tenant, at) for id_, at in due])
        return ended.is_ours

    def _keeping(self, plan: Plan, taken: Claim) -> Callable[[Prepared], Awaitable[None]]:
        async def kept(prepared: Prepared) -> None:
            given = pack(inputs_to_document(prepared.inputs))
            payloads = pack([payload.document() for payload in prepared.outcome.payloads])
            await self.journal.run(
                lambda c: record_payloads(c, taken, plan.version, given, payloads)
            )

        return kept


def _is_posted_earlier(plan: Plan, taken: Claim, ready: ReadyTenant) -> bool:
    """Whether an order was listed after its event came, and nothing of it can stand by us.

    What may stand goes on: nobody else would bring it to its end. A customer (`ensure`) is shared by
    many orders, and is no part of one. Raise DamagedError.
    """
    if taken.is_unsure or not ready.posted.pairs:
        return False
    shared = {record.name for record in plan.records if record.write == "ensure"}
    stands = any(one["name"] not in shared for one in json.loads(taken.posted))
    return not stands and ready.posted.has(taken.event)


def _past(taken: Claim, now: int) -> AttemptHistory:
    by_rule = {rule: (times, (now - since) / 1000) for rule, (times, since) in taken.waited.items()}
    written = {record["name"]: WrittenRecord.of(record) for record in json.loads(taken.posted)}
    return AttemptHistory(
        attempts=taken.attempts,
        waited=(now - taken.since) / 1000,
        is_unsure=taken.is_unsure,
        by_rule=by_rule,
        written=written,
    )


def _left(state: DeliveryState, taken: Claim, at: int, reason: str, words: str) -> AttemptEnd:
    """An end that leaves open what earlier attempts left open."""
    return AttemptEnd(
        state,
        at,
        reason,
        words,
        attempts=taken.attempts + 1,
        is_unsure=taken.is_unsure,
        waited=taken.waited,
        posted=taken.posted,
    )


def _end(plan: Plan, taken: Claim, result: Delivery, now: int, stretched: float) -> AttemptEnd:
    waits = result.state is AttemptState.WAITING and result.wait is not None
    return AttemptEnd(
        state=_STATES[result.state],
        at=now,
        reason=result.reason,
        words=result.words,
        fingerprint=_fingerprint(result) if result.state is AttemptState.PARKED else None,
        due_at=now + int((result.wait or 0) * 1000 * stretched) if waits else None,
        attempts=result.attempts,
        is_unsure=result.is_unsure,
        waited=_waited(taken.waited, result, now),
        posted=json.dumps([posted.document() for posted in result.posted]),
        version=plan.version,
        answers=pack([one.document() for one in result.answered]) if result.answered else None,
        moved=tuple(
            {"record": one.name, **one.moved.document()} for one in result.answered if one.moved
        ),
    )


def _waited(
    before: Mapping[str, tuple[int, int]], result: Delivery, now: int
) -> dict[str, tuple[int, int]]:
    waited = dict(before)
    if result.state is AttemptState.WAITING:
        times, since = waited.get(result.reason or "", (0, now))
        waited[result.reason or ""] = (times + 1, since)
    return waited


def _fingerprint(result: Delivery) -> str:
    """The same for the same cause, whichever the order: the reason, and where findings point."""
    places = sorted(
        f"{finding.code}@{finding.place.text.name}:{finding.place.line}"
        if finding.place
        else finding.code
        for finding in result.findings
    )
    text = "\n".join((result.mapping, result.reason or "", *places))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
