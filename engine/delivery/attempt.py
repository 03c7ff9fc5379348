"""One attempt at a delivery: prepared, then each record written in order, each confirmed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from ..findings.diagnostics import Finding, select_errors
from ..mapping.plan import Plan, RetryRule
from ..run import Inputs, Outcome, RunState, has_landed, read_order_number
from ..run.ledger import (
    CREATED,
    TRANSFORMED,
    Answer,
    RecordWrite,
    StoppedRecord,
    Verdict,
    WriteResult,
    WrittenRecord,
)
from .prepare import NotPrepared, Prepared, prepare, render
from .results import AttemptState, Delivery, RecordAnswers
from .retry_rules import compute_wait, find_rule
from .systems import Systems
from .write import prepare_write, write_record

# The rule, if a mapping has one of this name, for keys that a live lookup did not find yet.
LOOKUP_MISSING = "lookup_missing"
# AWS, which holds tables of some lookups, does not answer now.
_AWS_UNAVAILABLE = "E0617"
_UNAVAILABLE = Answer(Verdict.UNAVAILABLE, "5xx", codes=(_AWS_UNAVAILABLE,))


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """What is known of earlier attempts: how many, for how many seconds, and if one is unsure.

    `under` holds the same of each retry rule alone: an order that was throttled in between does not
    wait longer for its payments. Where it is not known, all attempts count. `inputs` are what an
    unsure attempt was given: they are used again, so that it is the same record that is looked for.
    `stands` are records that were written for certain, by name: one of `ensure`, such as the
    customer, is not looked for again, since the order may name another one meanwhile.
    """

    attempts: int = 0
    waited: float = 0.0
    is_unsure: bool = False
    under: Mapping[str, tuple[int, float]] | None = None
    inputs: Inputs | None = None
    stands: Mapping[str, WrittenRecord] = field(default_factory=dict)

    def by(self, rule: RetryRule) -> tuple[int, float]:
        """How often an attempt has ended in waiting by a rule, and the seconds since the first."""
        if self.under is None:
            return self.attempts, self.waited
        return self.under.get(rule.name, (0, 0.0))


Keep = Callable[[Prepared], Awaitable[None]]


async def attempt(
    plan: Plan,
    event: object,
    systems: Systems,
    past: AttemptHistory = AttemptHistory(),
    *,
    keep: Keep | None = None,
) -> Delivery:
    """Bring an event as far as it goes now; raises nothing for what systems or orders do.

    `keep` hears what is about to be written, before anything is; what it raises ends the attempt.
    """
    prepared = await _prepare(plan, event, systems, past)
    # What an earlier attempt left open stays open until everything stands.
    blank = Delivery(
        plan.tenant,
        plan.name,
        read_order_number(event),
        AttemptState.PARKED,
        is_unsure=past.is_unsure,
        attempts=past.attempts + 1,
        posted=tuple(past.stands.values()),
    )
    if isinstance(prepared, NotPrepared):
        return _conclude_stop(
            plan, blank, StoppedRecord("", prepared.answer.words, prepared.answer), past
        )
    outcome = prepared.outcome
    blank = replace(blank, order=outcome.order, proofs=outcome.proofs, prepared=prepared)
    if outcome.state is RunState.IGNORED:
        return replace(blank, state=AttemptState.IGNORED, reason=outcome.reason)
    if outcome.state is RunState.NOT_READY:
        rule = plan.retry.get(outcome.reason or "")
        found = f": {outcome.found}" if outcome.found else ""
        blank = replace(blank, reason=outcome.reason, words=f"waits for {outcome.detail}{found}")
        return _wait_or_park(blank, rule, past)
    if outcome.state is RunState.FAILED:
        return _conclude_failure(plan, blank, outcome, past)
    if keep is not None:
        await keep(prepared)
    return await _write_records(plan, prepared, systems, blank, past)


async def _prepare(
    plan: Plan, event: object, systems: Systems, past: AttemptHistory
) -> Prepared | NotPrepared:
    if past.inputs is None:
        return await prepare(plan, event, systems)
    return Prepared(past.inputs, render(plan, past.inputs, systems))


async def _write_records(
    plan: Plan, prepared: Prepared, systems: Systems, blank: Delivery, past: AttemptHistory
) -> Delivery:
    """Write the records in order; the first that stops, stops the delivery."""
    posted: dict[str, WrittenRecord] = {}
    for payload in prepared.outcome.payloads:
        before = past.stands.get(payload.name)
        if before is not None and payload.write == "ensure" and payload.record == before.record:
            posted[payload.name] = before
            continue
        landed = partial(has_landed, plan, prepared.inputs, payload.name)
        write = prepare_write(
            systems, payload, posted, look_first=past.is_unsure, has_landed=landed
        )
        result = await write_record(systems, write)
        heard = (*blank.answered, _collect_answers(write, result))
        if isinstance(result, StoppedRecord):
            if result.written is not None:
                posted[payload.name] = result.written
            stand = {**past.stands, **posted}
            unsure = past.is_unsure or result.is_unsure
            blank = replace(blank, posted=tuple(stand.values()), answered=heard, is_unsure=unsure)
            return _conclude_stop(plan, blank, result, past)
        blank = replace(blank, answered=heard)
        posted[payload.name] = result
        _forget_misses(plan, result, systems)
    return replace(
        blank, state=AttemptState.DELIVERED, posted=tuple(posted.values()), is_unsure=False
    )


def _collect_answers(write: RecordWrite, result: WriteResult) -> RecordAnswers:
    """Return the answers about a record; an answer to a look-up only where it ended the write."""
    payload, answers = write.payload, tuple(write.answers)
    if isinstance(result, WrittenRecord):
        return RecordAnswers(
            name=payload.name,
            record=payload.record,
            answers=answers,
            posted=result,
            moved=write.moved,
        )
    last = result.answer
    if last is not None and last.status is not None and last not in answers:
        answers = (*answers, last)
    return RecordAnswers(
        name=payload.name,
        record=payload.record,
        answers=answers,
        posted=result.written,
        stopped=result.reason,
        moved=write.moved,
    )


def _forget_misses(plan: Plan, posted: WrittenRecord, systems: Systems) -> None:
    """What was just made has to be found, where a lookup has remembered that it is not there."""
    if posted.how in (CREATED, TRANSFORMED):
        for live in plan.live_lookups:
            systems.lookups.forget(live)


def _conclude_stop(
    plan: Plan, blank: Delivery, stopped: StoppedRecord, past: AttemptHistory
) -> Delivery:
    """What follows from a record that could not be written: waiting by a rule, or a person."""
    answer = stopped.answer
    # A reason of our own, as `record_missing`, waits where a mapping has a rule of its name.
    rule = plan.retry.get(stopped.reason) if answer is None else find_rule(plan.retry, answer)
    if rule is None:
        return replace(
            blank,
            state=AttemptState.PARKED,
            reason=stopped.reason or "refused",
            words=stopped.words,
        )
    waiting = _wait_or_park(replace(blank, reason=rule.name, words=stopped.words), rule, past)
    return _apply_retry_after(waiting, answer)


def _apply_retry_after(waiting: Delivery, answer: Answer | None) -> Delivery:
    """Retry-After is honoured where it asks for longer."""
    asked = None if answer is None else answer.retry_after
    if asked is None or waiting.wait is None:
        return waiting
    return replace(waiting, wait=max(waiting.wait, asked))


def _wait_or_park(blank: Delivery, rule: RetryRule | None, past: AttemptHistory) -> Delivery:
    """Waiting by a rule; parked when its time is over, or there is none."""
    if rule is None:
        return replace(blank, state=AttemptState.PARKED)
    attempts, waited = past.by(rule)
    wait = compute_wait(rule, attempts + 1, waited)
    if wait is None:
        return replace(blank, state=AttemptState.PARKED)
    return replace(blank, state=AttemptState.WAITING, wait=wait)


def _conclude_failure(
    plan: Plan, blank: Delivery, outcome: Outcome, past: AttemptHistory
) -> Delivery:
    """An order with findings is parked; it may wait for what is only not there yet."""
    found = select_errors(outcome.findings)
    blank = replace(blank, findings=outcome.findings, reason="findings", words=found[0].message)
    if all(finding.code == _AWS_UNAVAILABLE for finding in found):
        return _conclude_stop(plan, blank, StoppedRecord("", found[0].message, _UNAVAILABLE), past)
    rule = plan.retry.get(LOOKUP_MISSING)
    if rule is None or not _has_only_misses(plan, found):
        return blank
    return _wait_or_park(replace(blank, reason=rule.name), rule, past)


def _has_only_misses(plan: Plan, findings: tuple[Finding, ...]) -> bool:
    """Whether all that is wrong is that live lookups have no entry: an item may be synced late."""
    live = {lookup.name for lookup in plan.live_lookups}
    return all(finding.lookup in live for finding in findings)
