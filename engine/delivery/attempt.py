"""One attempt at a delivery: prepare the records, write them in order, confirm each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ..findings.diagnostics import Finding, select_errors
from ..findings.errors import HeavyOrderError
from ..mapping.plan import Plan, RetryRule
from ..run import Inputs, Outcome, Payload, RunState, has_landed, read_order_number
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
from .history import FIRST_ATTEMPT, AttemptHistory, remaining_doubts
from .prepare import NotPrepared, Prepared, prepare, render
from .results import AttemptState, Delivery, RecordAnswers
from .retry_rules import SETTLE_RULE, compute_wait, find_rule
from .settle import settle_sent
from .systems import Systems
from .write import confirm_record, prepare_write, write_record

# A mapping's retry rule of this name applies to keys that a live lookup does not find.
LOOKUP_MISSING = "lookup_missing"
# AWS, which holds the tables of some lookups, does not answer.
_AWS_UNAVAILABLE = "E0617"
_UNAVAILABLE = Answer(Verdict.UNAVAILABLE, "5xx", codes=(_AWS_UNAVAILABLE,))


Keep = Callable[[Prepared, Iterable[WrittenRecord]], Awaitable[None]]


async def attempt(
    plan: Plan,
    event: object,
    systems: Systems,
    past: AttemptHistory = FIRST_ATTEMPT,
    *,
    keep: Keep | None = None,
) -> Delivery:
    """Deliver an event as far as possible now; raise nothing for what systems or orders do.

    `keep` stores what is about to be written and what stands, before anything is written; what it raises
    ends the attempt.
    """
    if past.sent:
        settled = await settle_sent(systems, past)
        if isinstance(settled, StoppedRecord):
            return _conclude_stop(plan, _begin(plan, event, past), settled, past)
        past = settled
    prepared = await _prepare(plan, event, systems, past)
    blank = _begin(plan, event, past)
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
    if past.sent and (lost := _find_unrendered(outcome, past)):
        words = f"{lost} stands, and the mapping of now does not write it"
        return replace(blank, reason="not_rendered", words=words)
    if keep is not None:
        await keep(prepared, past.written.values())
    return await _write_records(plan, prepared, systems, blank, past)


def _begin(plan: Plan, event: object, past: AttemptHistory) -> Delivery:
    """Return the delivery before anything is done: what stands stands, and what may stand may."""
    return Delivery(
        tenant=plan.tenant,
        mapping=plan.name,
        order=read_order_number(event),
        state=AttemptState.PARKED,
        doubts=past.doubts,
        attempts=past.attempts + 1,
        posted=tuple(past.written.values()),
    )


def _find_unrendered(outcome: Outcome, past: AttemptHistory) -> str | None:
    """Return a record that stands and has no payload any more, in words; None when there is none."""
    names = {payload.name for payload in outcome.payloads}
    lost = (record for name, record in past.written.items() if name not in names)
    return next((f"{record.record} {record.id} ({record.name})" for record in lost), None)


async def _prepare(
    plan: Plan, event: object, systems: Systems, past: AttemptHistory
) -> Prepared | NotPrepared:
    if past.inputs is None:
        return await prepare(plan, event, systems)
    return Prepared(past.inputs, await render(plan, past.inputs, systems))


async def _write_records(
    plan: Plan, prepared: Prepared, systems: Systems, blank: Delivery, past: AttemptHistory
) -> Delivery:
    """Write the records in order; the first that is not written ends the attempt."""
    payloads = prepared.outcome.payloads
    posted: dict[str, WrittenRecord] = {}
    answered: list[RecordAnswers] = []
    for payload in payloads:
        landed = partial(_has_landed, plan, prepared.inputs, systems, payload.name)
        unsure = past.may_stand(payload.name)
        write = prepare_write(
            systems,
            payload,
            posted,
            look_first=unsure,
            has_landed=landed,
            private=_list_private(prepared),
        )
        result = await _write_or_carry_on(systems, write, past.written.get(payload.name))
        answered += _collect_answers(write, result)
        if isinstance(result, StoppedRecord):
            posted |= {payload.name: result.written} if result.written is not None else {}
            blank = replace(blank, answered=tuple(answered))
            standing = {**past.written, **posted}
            if result.is_unsure:  # also one that was reported and turned out to be another record
                standing.pop(payload.name, None)
            blank = _note_standing(blank, payloads, standing, past)
            if result.is_unsure:
                blank = replace(blank, doubts=blank.doubts | {payload.name})
            return _conclude_stop(plan, blank, result, past)
        posted[payload.name] = result
        _forget_misses(plan, result, systems)
    return replace(
        blank,
        state=AttemptState.DELIVERED,
        posted=tuple(posted.values()),
        answered=tuple(answered),
        doubts=frozenset(),
    )


async def _has_landed(
    plan: Plan, inputs: Inputs, systems: Systems, name: str, found: Mapping[str, object]
) -> bool:
    """Whether the ledger holds an update; false for an order that is too heavy to tell."""
    question = partial(has_landed, record=name, found=found)
    try:
        return await systems.evaluator.evaluate(question, plan, inputs)
    except HeavyOrderError:
        return False


def _list_private(prepared: Prepared) -> list[object]:
    """Return all that the delivery sends: an answer about one record may repeat what another holds."""
    found: list[object] = []
    for payload in prepared.outcome.payloads:
        find = payload.details.get("find")
        found += [payload.body, find["values"] if isinstance(find, Mapping) else None]
    return found


async def _write_or_carry_on(
    systems: Systems, write: RecordWrite, known: WrittenRecord | None
) -> WriteResult:
    """Write a record; carry on from one that stands, which is only read back."""
    if known is None or known.record != write.payload.record:
        return await write_record(systems, write)
    return await confirm_record(systems, write, known)


def _note_standing(
    blank: Delivery,
    payloads: Iterable[Payload],
    standing: Mapping[str, WrittenRecord],
    past: AttemptHistory,
) -> Delivery:
    """Return the delivery with the records that stand, and the doubts that remain."""
    doubts = remaining_doubts(past, payloads, standing.keys())
    return replace(blank, posted=tuple(standing.values()), doubts=doubts)


def _collect_answers(write: RecordWrite, result: WriteResult) -> Iterator[RecordAnswers]:
    """Yield the answers about a record; an answer to a look-up only if it ended the write."""
    payload, answers = write.payload, tuple(write.answers)
    if isinstance(result, WrittenRecord):
        yield RecordAnswers(
            name=payload.name,
            record=payload.record,
            answers=answers,
            posted=result,
            moved=write.moved,
        )
        return
    last = result.answer
    if last is not None and last.status is not None and last not in answers:
        answers = (*answers, last)
    yield RecordAnswers(
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
    if waiting.state is AttemptState.PARKED and rule.name == SETTLE_RULE.name:
        waiting = replace(waiting, reason=stopped.reason)  # the refusal's own, for a person
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
