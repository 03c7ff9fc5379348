"""Writes one record until it is certain that NetSuite holds it once, or why not.

A POST that was not answered is *unknown*, never *failed*: the external id is looked up over the
whole group of record types before anything is sent again. What is found is compared: an earlier
attempt's own record is as good as written, another one's is `id_taken`. A tranDate that has moved out
of a closed period does not make another record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from ..run.ledger import (
    ALREADY_THERE,
    CREATED,
    EARLIER,
    TRANSFORMED,
    Answer,
    MovedDate,
    RecordWrite,
    StoppedRecord,
    Verdict,
    WriteResult,
    WrittenRecord,
)
from .client import NetSuite
from .compare import find_differences, find_unconfirmed
from .look_up import FoundRecord, look_up, read_earlier_ids, read_internal_id
from .match_lines import match_lines
from .periods import find_first_open_day, find_move, is_closed, read_day, set_day
from .suiteql import fill_query

_Send = Callable[[Mapping[str, object]], Awaitable[Answer]]

_DUPLICATE_UNSEEN = (
    "NetSuite says that it already exists, and no such record with this external id can be seen"
)


async def create(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Create a record, unless an earlier integration has; look first where an attempt may have."""
    if "earlier" in write.details:
        own = await _find_own(netsuite, write) if write.look_first else None
        if there := own or await _find_earlier(netsuite, write):
            return there
    return await _create_once(
        netsuite, write, partial(netsuite.create, write.payload.record), CREATED
    )


async def transform(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Make a record from another one, which is found by its id or external id."""
    origin = write.details.get("from")
    assert isinstance(origin, Mapping)
    record, id_ = str(origin["record"]), origin.get("id")
    if id_ is None:
        found = await netsuite.read_external(record, str(origin["external_id"]))
        if found is None:
            return StoppedRecord("record_missing", f"the {record} to transform does not exist")
        id_ = read_internal_id(found.get("id"))

    send = partial(netsuite.transform, record, str(id_), write.payload.record)
    return await _create_once(netsuite, replace(write, origin=str(id_)), send, TRANSFORMED)


async def ensure(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Find a record by the mapping's query, or create it."""
    found = await _run_find(netsuite, write)
    if found is not None:
        return found

    return await _create_once(
        netsuite, write, partial(netsuite.create, write.payload.record), CREATED
    )


async def _create_once(
    netsuite: NetSuite, write: RecordWrite, send: _Send, how: str
) -> WriteResult:
    """Send what makes a record, at most twice, and look in between.

    Sending again is safe for the external id alone: however late the first one arrives, NetSuite
    takes only one of them. A transform is always looked for first: done before, it is refused because
    nothing is left to transform.
    """
    if (write.look_first or write.origin) and (there := await _find_own(netsuite, write)):
        return there
    is_unsure = write.look_first
    answer = await _send_open_day(netsuite, write, send)
    if answer.verdict is Verdict.UNKNOWN:
        is_unsure = True
        if there := await _find_own(netsuite, write):
            return there
        answer = await _send_open_day(netsuite, write, send)
    if answer.verdict is Verdict.DELIVERED and answer.id is not None:
        return write.written(answer.id, how)
    return await _resolve_failure(netsuite, write, answer, is_unsure=is_unsure)


async def _send_open_day(netsuite: NetSuite, write: RecordWrite, send: _Send) -> Answer:
    """What NetSuite answers; where the period is closed and the day may move, on the first open day.

    It moves once: what is refused there too is refused. Nothing is remembered of it between the two
    requests: whoever is killed there sends the payload's own day again, and hears the same.
    """
    body = write.body if write.moved is None else set_day(write.body, write.moved.after)
    answer = write.keep(await send(body))
    if not (write.may_move and is_closed(answer)) or write.moved is not None:
        return answer
    before = read_day(write.body)
    after = await find_first_open_day(netsuite, before)
    if before is None or isinstance(after, str):
        return write.explain(str(after))
    if after != before:
        write.moves.append(MovedDate(before, after))
    again = write.keep(await send(set_day(write.body, after)))
    if not is_closed(again):
        return again
    return write.explain(f"though NetSuite shows {after} in an open one")


async def _resolve_failure(
    netsuite: NetSuite, write: RecordWrite, answer: Answer, *, is_unsure: bool
) -> WriteResult:
    """What became of a record that NetSuite has not taken this time: an earlier one may have."""
    is_taken = answer.verdict is Verdict.DUPLICATE
    may_be_done = is_unsure or (write.origin and answer.verdict is Verdict.REFUSED)
    if is_taken or may_be_done or answer.verdict is Verdict.UNKNOWN:
        there = await _find_own(netsuite, write)
        if there is not None:
            return there
    if is_taken and not is_unsure:
        return StoppedRecord("id_taken", _DUPLICATE_UNSEEN, answer)
    if is_taken:  # by what was sent before, it seems, and cannot be seen yet
        answer = Answer(Verdict.UNKNOWN, "5xx", words=_DUPLICATE_UNSEEN)
    return replace(stop_record(answer), is_unsure=is_unsure or answer.verdict is Verdict.UNKNOWN)


async def _find_own(netsuite: NetSuite, write: RecordWrite) -> WriteResult | None:
    """What stands there already: the record itself, another one under its external id, or nothing."""
    payload = write.payload
    found = await look_up(netsuite, payload.record, write.external_id)
    if found is None:
        return await _run_find(netsuite, write) if payload.write == "ensure" else None
    if (words := _explain_conflict(write, found)) is not None:
        return StoppedRecord("id_taken", words)
    if write.may_move and found.document and (moved := find_move(write.body, found.document)):
        write.moves.append(moved)
    return write.written(found.id, ALREADY_THERE)


async def _find_earlier(netsuite: NetSuite, write: RecordWrite) -> WriteResult | None:
    """What an earlier integration has made of it: alike it is as good as written, else `id_taken`."""
    for name, external_id in read_earlier_ids(write.details):
        found = await look_up(netsuite, write.payload.record, external_id)
        if found is None:
            continue
        if (words := _explain_conflict(write, found)) is not None:
            return StoppedRecord("id_taken", f"{words} (the one of `earlier.{name}`)")
        return replace(write.written(found.id, EARLIER), external_id=external_id)
    return None


def _explain_conflict(write: RecordWrite, found: FoundRecord) -> str | None:
    """Why what has the external id is not the record; None when it is."""
    record = write.payload.record
    if found.record != record.lower():
        return f"a {found.record} has this external id"
    if found.document is None:
        return f"a {record} has this external id, and cannot be read"
    ensured = write.payload.write == "ensure"
    others = () if ensured else find_differences(write.body, found.document, origin=write.origin)
    words = f"another {record} has this external id: it differs in {_join_names(others)}"
    return words if others else None


async def _run_find(netsuite: NetSuite, write: RecordWrite) -> WrittenRecord | None:
    """The record that `find` finds; of several the one with the smallest id, always the same."""
    find = write.details.get("find")
    assert isinstance(find, Mapping)
    values = find["values"]
    assert isinstance(values, Mapping)
    rows = await netsuite.rows(fill_query(str(find["query"]), values))
    ids = [read_internal_id(next(iter(row.values()), None)) for row in rows]
    if not ids:
        return None
    return write.written(min(ids, key=lambda id_: (len(id_), id_)), "found")


async def update(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Change a record by its external id, its lines matched; send nothing where it has landed."""
    payload = write.payload
    found = await netsuite.read_external(payload.record, write.external_id)
    if found is None:
        return StoppedRecord("record_missing", f"the {payload.record} to update does not exist")
    id_ = read_internal_id(found.get("id"))
    if write.has_landed(found):
        return write.written(id_, ALREADY_THERE)
    match = write.details.get("match")
    body = match_lines(write.body, match if isinstance(match, Mapping) else {}, found)
    if isinstance(body, StoppedRecord):
        return body
    answer = write.keep(await netsuite.update(payload.record, id_, body))
    if answer.verdict is Verdict.UNKNOWN:
        again = await netsuite.read(payload.record, id_)
        if again is not None and write.has_landed(again):
            return write.written(id_, ALREADY_THERE)
    return (
        write.written(id_, "updated")
        if answer.verdict is Verdict.DELIVERED
        else stop_record(answer)
    )


async def upsert(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Sent again it changes nothing: the sublists are replaced, not added to."""
    payload = write.payload
    sublists = [
        name
        for name, value in write.body.items()
        if isinstance(value, Mapping) and "items" in value
    ]
    answer = write.keep(
        await netsuite.upsert(payload.record, write.external_id, write.body, sublists)
    )
    if answer.verdict is Verdict.DUPLICATE:
        return await _explain_taken(netsuite, write, answer)
    if answer.verdict is not Verdict.DELIVERED:
        return stop_record(answer)
    if answer.id is not None:
        return write.written(answer.id, "upserted")
    found = await netsuite.read_external(payload.record, write.external_id)
    if found is None:
        words = "the record that was written is not found"
        return stop_record(Answer(Verdict.UNKNOWN, "5xx", words=words))
    return write.written(read_internal_id(found.get("id")), "upserted")


async def _explain_taken(netsuite: NetSuite, write: RecordWrite, answer: Answer) -> StoppedRecord:
    """An upsert that finds its external id in use: by another type, or by itself a moment ago."""
    payload = write.payload
    found = await look_up(netsuite, payload.record, write.external_id)
    if found is not None and found.record == payload.record.lower():
        words = f"another request has just written this {payload.record}"
        return stop_record(Answer(Verdict.UNKNOWN, "5xx", words=words))
    words = _DUPLICATE_UNSEEN if found is None else f"a {found.record} has this external id"
    return StoppedRecord("id_taken", words, answer)


async def read_back(netsuite: NetSuite, write: RecordWrite, written: WrittenRecord) -> WriteResult:
    """The record, if it stands there as `confirm` says."""
    found = await netsuite.read(write.payload.record, written.id)
    if found is None:
        words = f"{write.payload.record} {written.id} cannot be read back"
        return StoppedRecord("not_confirmed", words, written=written)
    others = find_unconfirmed(write.details["confirm"], found, may_move=write.may_move)
    if others:
        words = f"NetSuite holds another {_join_names(others)} than was computed"
        words = f"{write.payload.record} {written.id}: {words}"
        return StoppedRecord("not_confirmed", words, written=written)
    return written


def stop_record(answer: Answer) -> StoppedRecord:
    """Return a record that this answer stopped."""
    unsure = answer.verdict is Verdict.UNKNOWN
    # A reason of its own: a month that is opened again lets all of them be retried together.
    reason = "period_closed" if is_closed(answer) else answer.verdict.value
    return StoppedRecord(reason, answer.words, answer, unsure)


def _join_names(names: tuple[str, ...]) -> str:
    return " and ".join(names[:5])
