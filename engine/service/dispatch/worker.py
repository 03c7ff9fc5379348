"""The worker: claims a delivery in the journal, attempts it, and records the end of the attempt."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ...delivery import (
    AttemptHistory,
    AttemptState,
    Delivery,
    Keep,
    Prepared,
    Systems,
    attempt,
    inputs_to_document,
)
from ...findings.errors import DamagedError, JournalError
from ...journal.claim import (
    Claim,
    Enqueue,
    WrittenAttempt,
    claim_delivery,
    record_payloads,
)
from ...journal.finish import AttemptEnd, finish_attempt
from ...journal.pack import pack
from ...journal.states import EVERY_RECORD, DeliveryState
from ...journal.writer import Writer
from ...mapping.plan import Plan
from ...run.ledger import WrittenRecord
from ..loops import Loop, Loops
from .go_live import EARLIER_WORDS, POSTED_EARLIER
from .pinned_plan import PinnedPlans, is_claim_pinned, with_sent
from .step_timer import StepTimer, TimedStep, serialize_steps
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
# A retry is delayed by at most this part of its wait.
_MAX_JITTER = 0.25
# Milliseconds until a failed write to the journal is retried.
_JOURNAL_RETRY = 1_000
# Seconds after which a delivery whose attempts the journal refused is forgotten.
_FORGET_SECONDS = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishedAttempt:
    """An attempt whose end is committed.

    `delivery` is the id. `prepared` has the inputs and the outcome of the mapping, None if it did not
    run. `is_recorded` is false when another process has taken the delivery over.
    """

    delivery: int
    ready: ReadyTenant
    result: AttemptEnd
    claim: Claim
    timer: StepTimer
    prepared: Prepared | None = None
    is_recorded: bool = True

    @property
    def steps(self) -> tuple[TimedStep, ...]:
        """The steps of the attempt, in the order in which they ended."""
        return tuple(self.timer.steps)


@dataclass(frozen=True, slots=True)
class Worker:
    """Makes the attempts of this process, which the journal knows as `holder`.

    `now` is in milliseconds since 1970. `on_begin` is called with each claim, `on_finish` with each
    finished attempt. `jitter` returns numbers from 0 to 1 that delay retries, so that deliveries that
    failed together are not retried together. `loops` has the health of the process's loops.
    """

    journal: Writer
    holder: str
    now: Callable[[], int]
    on_finish: Callable[[FinishedAttempt], None]
    on_begin: Callable[[Claim], None] = lambda _claim: None
    jitter: Callable[[], float] = random.random
    loops: Loops = field(default_factory=Loops)
    _uses: Counter[int] = field(default_factory=Counter)
    _writing: set[int] = field(default_factory=set)  # attempts whose payloads are recorded
    _versions: PinnedPlans = field(default_factory=PinnedPlans)

    async def deliver(self, id_: int, ready: ReadyTenant, enqueue: Enqueue | None) -> bool:
        """Claim a delivery and attempt it; return false when it is not, or no longer, this process's.

        `enqueue` adds the deliveries that are due after the attempt to the engine's queue, within
        the transaction that records its end. Raise JournalError when the claim fails.
        """
        with self.attempts.observed(id_):
            claim = await self.journal.run(claim_delivery, id_, self.holder, self.now())
        return claim is not None and await self.attempt_claimed(claim, ready, enqueue)

    async def attempt_claimed(
        self, claim: Claim, ready: ReadyTenant, enqueue: Enqueue | None
    ) -> bool:
        """Attempt a claimed delivery, as in `deliver`."""
        self.on_begin(claim)
        timer = StepTimer()
        result, prepared = await self._attempt_safely(claim, ready, timer)
        timer.stop()
        result = replace(result, steps=serialize_steps(timer.steps))
        is_ours = await self._record_end(claim, result, enqueue)
        self.on_finish(
            FinishedAttempt(
                delivery=claim.id,
                ready=ready,
                result=result,
                claim=claim,
                timer=timer,
                prepared=prepared,
                is_recorded=is_ours,
            )
        )
        return is_ours

    @property
    def attempts(self) -> Loop:
        """What the journal refuses of each delivery; one that is not attempted any more is forgotten."""
        return self.loops.loop("attempts", forget=_FORGET_SECONDS)

    def hold_systems(self, ready: ReadyTenant, task: asyncio.Task[object]) -> None:
        """Keep a tenant's systems open until a task has ended, which may not have begun yet."""
        self._uses[id(ready.systems)] += 1
        task.add_done_callback(lambda _: self._uses.subtract((id(ready.systems),)))

    def is_using(self, systems: Systems) -> bool:
        """Whether a task of a delivery holds these systems."""
        return self._uses[id(systems)] > 0

    async def _attempt_safely(
        self, claim: Claim, ready: ReadyTenant, timer: StepTimer
    ) -> tuple[AttemptEnd, Prepared | None]:
        """Return how the attempt ended, whatever happened: without an end the delivery is stuck."""
        plan = ready.plans.get(claim.mapping)
        if plan is None:
            words = f"the tenant has no mapping {claim.mapping!r} any more"
            return _stop(DeliveryState.PARKED, claim, self.now(), _GONE, words), None
        try:
            if _is_posted_earlier(claim, ready):
                at, words = self.now(), EARLIER_WORDS
                return _stop(DeliveryState.IGNORED, claim, at, POSTED_EARLIER, words), None
            allowed = ready.closed_period
            systems = replace(ready.systems, steps=timer, closed_period=allowed)
            return await self._attempt(plan, claim, systems)
        except DamagedError as error:  # a retry would find the same
            words = f"{error}; {_LOOK}" if claim.given is not None else str(error)
            return _stop(DeliveryState.PARKED, claim, self.now(), _DAMAGED, words), None
        except JournalError as error:  # the payloads were not recorded, so nothing was written
            self.attempts.fail(str(error), claim.id)
            at = self.now()
            end = _stop(DeliveryState.WAITING, claim, at, _JOURNAL, str(error))
            return replace(end, due_at=at + _JOURNAL_RETRY), None
        except Exception as error:  # noqa: BLE001 - the only place where an error of erpmap is parked
            words = f"erpmap failed ({type(error).__name__}); its log says where"
            _log.exception("delivery %s failed", claim.id)
            end = _stop(DeliveryState.PARKED, claim, self.now(), _BROKEN, words)
            may_stand = (EVERY_RECORD,) if claim.attempt in self._writing else end.doubts
            return replace(end, doubts=may_stand), None
        finally:
            self._writing.discard(claim.attempt)

    async def _attempt(
        self, plan: Plan, claim: Claim, systems: Systems
    ) -> tuple[AttemptEnd, Prepared | None]:
        history = _build_history(claim, self.now())
        if claim.is_anew:
            history = with_sent(history, claim)
        elif is_claim_pinned(claim):
            repeatable = await self._versions.find_repeatable(
                self.journal, plan, claim, systems.evaluator
            )
            if repeatable is None:
                words = f"no mapping renders the payloads that may have been written; {_LOOK}"
                return _stop(DeliveryState.PARKED, claim, self.now(), _VERSION_GONE, words), None
            plan, inputs = repeatable
            history = replace(history, inputs=inputs)
        keep = self._payload_recorder(plan, claim)
        result = await attempt(plan, claim.event, systems, history, keep=keep)
        jitter = 1 + _MAX_JITTER * self.jitter()
        return _describe_end(plan, claim, result, self.now(), jitter), result.prepared

    async def _record_end(self, claim: Claim, end: AttemptEnd, enqueue: Enqueue | None) -> bool:
        """Record an end, and retry until the journal is available: the attempt has happened."""
        while True:
            try:
                is_ours = await self.journal.run(finish_attempt, claim, self.holder, end, enqueue)
            except JournalError as error:
                self.attempts.fail(str(error), claim.id)
                await asyncio.sleep(_JOURNAL_RETRY / 1000)
            else:
                if end.reason != _JOURNAL:
                    self.attempts.succeed(claim.id)
                return is_ours

    def _payload_recorder(self, plan: Plan, claim: Claim) -> Keep:
        async def record(prepared: Prepared, standing: Iterable[WrittenRecord]) -> None:
            given = pack(inputs_to_document(prepared.inputs))
            payloads = pack([payload.document() for payload in prepared.outcome.payloads])
            written = WrittenAttempt(given, plan.version, payloads)
            posted = json.dumps([record.document() for record in standing])
            await self.journal.run(record_payloads, claim, self.holder, written, posted)
            self._writing.add(claim.attempt)

        return record


def _is_posted_earlier(claim: Claim, ready: ReadyTenant) -> bool:
    """Whether an order was listed after its event arrived, and no record of erpmap stands or may stand.

    A pinned delivery goes on, because only erpmap can complete it. Raise DamagedError.
    """
    is_unknown = claim.given is None and EVERY_RECORD in claim.doubts
    if not ready.posted.pairs or is_unknown or is_claim_pinned(claim):
        return False
    return ready.posted.has(claim.event)


def _build_history(claim: Claim, now: int) -> AttemptHistory:
    by_rule = {rule: (times, (now - since) / 1000) for rule, (times, since) in claim.waited.items()}
    written = {record["name"]: WrittenRecord.of(record) for record in json.loads(claim.posted)}
    return AttemptHistory(
        attempts=claim.attempts,
        waited=(now - claim.since) / 1000,
        doubts=claim.doubts,
        by_rule=by_rule,
        written=written,
    )


def _stop(state: DeliveryState, claim: Claim, at: int, reason: str, words: str) -> AttemptEnd:
    """Return an end without an attempt: the doubts and waits of earlier attempts stay as they are."""
    return AttemptEnd(
        state=state,
        at=at,
        reason=reason,
        words=words,
        attempts=claim.attempts + 1,
        doubts=tuple(sorted(claim.doubts)),
        waited=claim.waited,
        posted=claim.posted,
    )


def _describe_end(
    plan: Plan, claim: Claim, result: Delivery, now: int, jitter: float
) -> AttemptEnd:
    waits = result.state is AttemptState.WAITING and result.wait is not None
    return AttemptEnd(
        state=_STATES[result.state],
        at=now,
        reason=result.reason,
        words=result.words,
        fingerprint=_fingerprint(result) if result.state is AttemptState.PARKED else None,
        due_at=now + int((result.wait or 0) * 1000 * jitter) if waits else None,
        attempts=result.attempts,
        doubts=tuple(sorted(result.doubts)),
        waited=_count_wait(claim.waited, result, now),
        posted=json.dumps([posted.document() for posted in result.posted]),
        version=plan.version,
        answers=pack([answer.document() for answer in result.answered])
        if result.answered
        else None,
        moved=tuple(
            {"record": answer.name, **answer.moved.document()}
            for answer in result.answered
            if answer.moved
        ),
    )


def _count_wait(
    before: Mapping[str, tuple[int, int]], result: Delivery, now: int
) -> dict[str, tuple[int, int]]:
    waited = dict(before)
    if result.state is AttemptState.WAITING:
        times, since = waited.get(result.reason or "", (0, now))
        waited[result.reason or ""] = (times + 1, since)
    return waited


def _fingerprint(result: Delivery) -> str:
    """Return a hash of the cause, equal for all orders: the reason, and the places of the findings."""
    places = sorted(
        f"{finding.code}@{finding.place.text.name}:{finding.place.line}"
        if finding.place
        else finding.code
        for finding in result.findings
    )
    text = "\n".join((result.mapping, result.reason or "", *places))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
