"""One attempt at a delivery: prepare the records, write them in order, confirm each."""

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

# A mapping's retry rule of this name applies to keys that a live lookup does not find.
LOOKUP_MISSING = "lookup_missing"
# AWS, which holds the tables of some lookups, does not answer.
_AWS_UNAVAILABLE = "E0617"
_UNAVAILABLE = Answer(Verdict.UNAVAILABLE, "5xx", codes=(_AWS_UNAVAILABLE,))


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """The earlier attempts of a delivery.

    `waited` is the seconds since the first attempt; `is_unsure` means that an attempt may have written
    a record. `by_rule` holds attempts and seconds of each retry rule: an order that was throttled in
    between does not wait longer for its payments. Without it, all attempts count. `inputs` are those of
    an unsure attempt: they are used again, so that the same record is looked up. `written` holds, by
    name, the records that are certainly written: one of `ensure`, such as the customer, is not looked
    up again, because the order may name another customer by now.
    """

    attempts: int = 0
    waited: float = 0.0
    is_unsure: bool = False
    by_rule: Mapping[str, tuple[int, float]] | None = None
    inputs: Inputs | None = None
    written: Mapping[str, WrittenRecord] = field(default_factory=dict)

    def waits_under(self, rule: RetryRule) -> tuple[int, float]:
        """Return how many attempts ended in waiting by a rule, and the seconds since the first."""
        if self.by_rule is None:
            return self.attempts, self.waited
        return self.by_rule.get(rule.name, (0, 0.0))


Keep = Callable[[Prepared], Awaitable[None]]


async def attempt(
    plan: Plan,
    event: object,
    systems: Systems,
    past: AttemptHistory = AttemptHistory(),
    *,
    keep: Keep | None = None,
) -> Delivery:
    """Deliver an event as far as possible now; raise nothing for what systems or orders do.

    `keep` stores what is about to be written, before anything is written; what it raises ends the
    attempt.
    """
    prepared = await _prepare(plan, event, systems, past)
    # An unsure delivery stays unsure until all its records are written.
    blank = Delivery(
        tenant=plan.tenant,
        mapping=plan.name,
        order=read_order_number(event),
        state=AttemptState.PARKED,
        is_unsure=past.is_unsure,
        attempts=past.attempts + 1,
        posted=tuple(past.written.values()),
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
    """Write the records in order; the first that is not written ends the attempt."""
    posted: dict[str, WrittenRecord] = {}
    for payload in prepared.outcome.payloads:
        known = past.written.get(payload.name)
        if known is not None and payload.write == "ensure" and payload.record == known.record:
            posted[payload.name] = known
            continue
        landed = partial(has_landed, plan, prepared.inputs, payload.name)
        write = prepare_write(
            systems, payload, posted, look_first=past.is_unsure, has_landed=landed
        )
        result = await write_record(systems, write)
        answered = (*blank.answered, _collect_answers(write, result))
        if isinstance(result, StoppedRecord):
            if result.written is not None:
                posted[payload.name] = result.written
            written = {**past.written, **posted}
            blank = replace(
                blank,
                posted=tuple(written.values()),
                answered=answered,
                is_unsure=past.is_unsure or result.is_unsure,
            )
            return _conclude_stop(plan, blank, result, past)
        blank = replace(blank, answered=answered)
        posted[payload.name] = result
        _forget_misses(plan, result, systems)
    return replace(
        blank, state=AttemptState.DELIVERED, posted=tuple(posted.values()), is_unsure=False
    )


def _collect_answers(write: RecordWrite, result: WriteResult) -> RecordAnswers:
    """Return the answers about a record; an answer to a look-up only if it ended the write."""
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
    """Make the lookups forget the keys they did not find: a record that was just created must be found."""
    if posted.how in (CREATED, TRANSFORMED):
        for live in plan.live_lookups:
            systems.lookups.forget(live)


def _conclude_stop(
    plan: Plan, blank: Delivery, stopped: StoppedRecord, past: AttemptHistory
) -> Delivery:
    """Return the delivery of a record that was not written: it waits by a retry rule, or is parked."""
    answer = stopped.answer
    # A reason without an answer, such as `record_missing`, waits if the mapping has a rule of its name.
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
    """Return the delivery with a longer wait if the answer's Retry-After requests it."""
    retry_after = None if answer is None else answer.retry_after
    if retry_after is None or waiting.wait is None:
        return waiting
    return replace(waiting, wait=max(waiting.wait, retry_after))


def _wait_or_park(blank: Delivery, rule: RetryRule | None, past: AttemptHistory) -> Delivery:
    """Return a delivery that waits by a rule; parked without a rule, or when the rule's time is over."""
    if rule is None:
        return replace(blank, state=AttemptState.PARKED)
    attempts, waited = past.waits_under(rule)
    wait = compute_wait(rule, attempts + 1, waited)
    if wait is None:
        return replace(blank, state=AttemptState.PARKED)
    return replace(blank, state=AttemptState.WAITING, wait=wait)


def _conclude_failure(
    plan: Plan, blank: Delivery, outcome: Outcome, past: AttemptHistory
) -> Delivery:
    """Return the delivery of an order with findings: parked, or waiting for a record that is missing."""
    errors = select_errors(outcome.findings)
    blank = replace(blank, findings=outcome.findings, reason="findings", words=errors[0].message)
    if all(finding.code == _AWS_UNAVAILABLE for finding in errors):
        return _conclude_stop(plan, blank, StoppedRecord("", errors[0].message, _UNAVAILABLE), past)
    rule = plan.retry.get(LOOKUP_MISSING)
    if rule is None or not _has_only_misses(plan, errors):
        return blank
    return _wait_or_park(replace(blank, reason=rule.name), rule, past)


def _has_only_misses(plan: Plan, findings: tuple[Finding, ...]) -> bool:
    """Whether every finding is a key that a live lookup does not find: an item may be synced late."""
    live = {lookup.name for lookup in plan.live_lookups}
    return all(finding.lookup in live for finding in findings)
