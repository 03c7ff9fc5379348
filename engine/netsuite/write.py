"""Writes one record until NetSuite certainly holds it once, or reports why it does not.

A POST without an answer is *unknown*, never *failed*: the external id is looked up over the whole
group of record types before anything is sent again. A record that is found is compared: one of an
earlier attempt counts as written, a different one is `id_taken`. A tranDate that moved out of a closed
period does not make a different record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from ..findings.errors import LedgerError
from ..mapping.systems import ENSURE
from ..run.ledger import (
    ALREADY_THERE,
    CREATED,
    EARLIER,
    FOUND,
    TRANSFORMED,
    Answer,
    MovedDate,
    RecordWrite,
    StoppedRecord,
    Verdict,
    WriteResult,
    WrittenRecord,
    answer_in,
)
from .client import NetSuite
from .compare import find_differences, find_foreign, find_unconfirmed
from .external_ids import safe_id
from .look_up import (
    FoundRecord,
    find_id,
    is_inactive,
    look_up,
    read_earlier_ids,
    read_internal_id,
    run_find,
)
from .match_lines import match_lines, select_lines
from .periods import (
    find_first_open_day,
    find_move,
    is_closed,
    name_closed_period,
    read_day,
    set_day,
)
from .refusals import reason_of

_Send = Callable[[Mapping[str, object]], Awaitable[Answer]]

# After these verdicts the record is looked for: a refusal in unknown words may mean that it exists.
_MAY_STAND = (Verdict.DUPLICATE, Verdict.UNKNOWN, Verdict.REFUSED)
_MAY_BE_OURS = "an earlier request may have written it, and no look-up shows it yet"
_DUPLICATE_UNSEEN = (
    "NetSuite reports that it already exists, but no such record with this external id is found"
)


async def create(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Create a record, unless an earlier integration did; look first if an attempt may have."""
    if "earlier" in write.details:
        own = await _find_own(netsuite, write) if write.look_first else None
        if existing := own or await _find_earlier(netsuite, write):
            return existing
    return await _create_once(
        netsuite, write, partial(netsuite.create, write.payload.record), CREATED
    )


async def transform(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Create a record from another one, which is read by its id or external id."""
    origin = write.details.get("from")
    assert isinstance(origin, Mapping)
    record, id_ = str(origin["record"]), origin.get("id")
    if id_ is None:
        id_ = await find_id(netsuite, record, str(origin["external_id"]))
    missing = StoppedRecord("record_missing", f"the {record} to transform does not exist")
    if id_ is None:
        return missing
    write = replace(write, origin=str(id_))
    body: Mapping[str, object] | StoppedRecord = write.body
    if match := write.details.get("match"):
        assert isinstance(match, Mapping)
        if existing := await _find_own(netsuite, write):  # before the origin's lines are judged
            return existing
        source = await netsuite.read(record, str(id_))
        body = missing if source is None else select_lines(write.body, match, source)
    if isinstance(body, StoppedRecord):
        return body
    send = partial(netsuite.transform, record, str(id_), write.payload.record)
    return await _create_once(netsuite, replace(write, body=body), send, TRANSFORMED)


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
    """Send the request that creates a record, at most twice, with a look-up in between.

    Sending again is safe only because of the external id: however late the first request arrives,
    NetSuite accepts one of them. A transform is always looked up first: a second one is refused because
    nothing is left to transform.
    """
    if (write.look_first or write.origin) and (existing := await _find_own(netsuite, write)):
        return existing
    answer = await _send_open_day(netsuite, write, send)
    if answer.verdict is Verdict.UNKNOWN:
        if existing := await _find_own(netsuite, write):
            return existing
        answer = await _send_open_day(netsuite, write, send)
    if answer.verdict is Verdict.DELIVERED and answer.id is not None:
        return write.written(answer.id, how)
    return await _resolve_failure(netsuite, write, answer)


async def _send_open_day(netsuite: NetSuite, write: RecordWrite, send: _Send) -> Answer:
    """Send a record; if its period is closed and its day may move, send it on the first open day.

    The day moves once: a record that is refused there too is refused. Nothing is stored between the two
    requests: after a crash there, the payload's own day is sent again and gets the same answer.
    """
    body = write.body if write.moved is None else set_day(write.body, write.moved.after)
    answer = write.keep(await name_closed_period(netsuite, await send(body), body))
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
    return write.explain(f"though NetSuite shows {after} in an open period")


async def _resolve_failure(netsuite: NetSuite, write: RecordWrite, answer: Answer) -> WriteResult:
    """Return the result of a record that was not accepted now: it may stand all the same.

    NetSuite's words may be in any language, so that a refusal may mean that the record exists. It is
    looked for once. While an earlier request of ours may have written it, and after an answer that it
    exists, what no look-up shows is waited for: a search lags behind the records (netsuite.md).
    """
    try:
        if answer.verdict in _MAY_STAND and (existing := await find_written(netsuite, write)):
            return existing
    except LedgerError as error:
        if Verdict(error.verdict) is answer.verdict is Verdict.REFUSED and not write.is_unsure:
            return stop_record(answer)  # looking is refused too; the first cause is the one to know
        raise
    if answer.verdict is Verdict.DUPLICATE:
        return StoppedRecord("id_taken", _DUPLICATE_UNSEEN, unsettle(answer, _DUPLICATE_UNSEEN))
    if answer.verdict is Verdict.REFUSED and write.is_unsure:
        words = f"{answer.words}; {_MAY_BE_OURS}"
        return replace(stop_record(answer), words=words, answer=unsettle(answer, words))
    return stop_record(answer)


def unsettle(answer: Answer, words: str) -> Answer:
    """Return a refusal as one after which the record is looked for again, for some minutes."""
    return replace(answer, verdict=Verdict.UNSETTLED, words=words)


async def find_written(netsuite: NetSuite, write: RecordWrite) -> WriteResult | None:
    """Find the record under its external id: by a search, and by reading it, which does not lag."""
    return await _find_own(netsuite, write, reads_too=True)


async def _find_own(
    netsuite: NetSuite, write: RecordWrite, *, reads_too: bool = False
) -> WriteResult | None:
    """Return the record if it exists, a stop if a different one has its external id, else None."""
    payload = write.payload
    found = await look_up(netsuite, payload.record, write.external_id, reads_too=reads_too)
    if found is None:
        return await _run_find(netsuite, write) if payload.write == ENSURE else None
    return _judge_found(write, found)


def _judge_found(write: RecordWrite, found: FoundRecord) -> WriteResult:
    """Return a found record as written, or a stop when it is another one."""
    if (words := _explain_conflict(write, found)) is not None:
        return StoppedRecord("id_taken", words)
    if write.payload.write == ENSURE and found.document and is_inactive(found.document):
        words = f"the {write.payload.record} {found.id} has this external id and is inactive in NetSuite"
        return StoppedRecord("record_inactive", words)
    if write.may_move and found.document and (moved := find_move(write.body, found.document)):
        write.moves.append(moved)
    return write.written(found.id, ALREADY_THERE)


async def _find_earlier(netsuite: NetSuite, write: RecordWrite) -> WriteResult | None:
    """Return the record that an earlier integration wrote, `id_taken` if it differs, else None."""
    for name, external_id in read_earlier_ids(write.details):
        found = await look_up(netsuite, write.payload.record, external_id)
        if found is None:
            continue
        if (words := _explain_conflict(write, found)) is not None:
            return StoppedRecord("id_taken", f"{words} (the record of `earlier.{name}`)")
        return replace(write.written(found.id, EARLIER), external_id=external_id)
    return None


def _explain_conflict(write: RecordWrite, found: FoundRecord) -> str | None:
    """Explain why the record that has the external id is not this one; None when it is."""
    record = write.payload.record
    if found.record != record.lower():
        return f"a {found.record} has this external id"
    if found.document is None:
        return f"a {record} has this external id, but cannot be read"
    if write.payload.write in (ENSURE, "upsert"):
        return None
    names = find_differences(write.body, found.document, origin=write.origin)
    words = f"another {record} has this external id: it differs in {_join_names(names)}"
    return words if names else None


async def _run_find(netsuite: NetSuite, write: RecordWrite) -> WrittenRecord | None:
    """Return the record that `find` finds; of several, always the one with the smallest id."""
    find = write.details.get("find")
    assert isinstance(find, Mapping)
    values = find["values"]
    assert isinstance(values, Mapping)
    rows = await run_find(netsuite, str(find["query"]), values)
    ids = [read_internal_id(next(iter(row.values()), None)) for row in rows]
    if not ids:
        return None
    return write.written(min(ids, key=lambda id_: (len(id_), id_)), FOUND)


async def update(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Change a record by its external id, its lines matched; send nothing if it holds the change."""
    payload = write.payload
    id_ = await find_id(netsuite, payload.record, write.external_id)
    found = None if id_ is None else await netsuite.read(payload.record, id_)
    if id_ is None or found is None:
        return StoppedRecord("record_missing", f"the {payload.record} to update does not exist")
    if await write.has_landed(found):
        return write.written(id_, ALREADY_THERE)
    match = write.details.get("match")
    body = match_lines(write.body, match if isinstance(match, Mapping) else {}, found)
    if isinstance(body, StoppedRecord):
        return body
    answer = write.keep(await netsuite.update(payload.record, id_, body))
    if answer.verdict in _MAY_STAND:
        again = await netsuite.read(payload.record, id_)
        if again is not None and await write.has_landed(again):
            return write.written(id_, ALREADY_THERE)
    return (
        write.written(id_, "updated")
        if answer.verdict is Verdict.DELIVERED
        else stop_record(answer)
    )


async def upsert(netsuite: NetSuite, write: RecordWrite) -> WriteResult:
    """Create or replace a record by its external id; sublists are replaced, so a repeat changes nothing."""
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
        words = "the record was written, but is not found"
        return stop_record(Answer(Verdict.UNKNOWN, "5xx", words=words))
    return write.written(read_internal_id(found.get("id")), "upserted")


async def _explain_taken(netsuite: NetSuite, write: RecordWrite, answer: Answer) -> StoppedRecord:
    """Return why an upsert finds its external id in use: by another type, or by a request just before."""
    payload = write.payload
    found = await look_up(netsuite, payload.record, write.external_id)
    if found is not None and found.record == payload.record.lower():
        words = f"another request has just written this {payload.record}"
        return stop_record(Answer(Verdict.UNKNOWN, "5xx", words=words))
    words = _DUPLICATE_UNSEEN if found is None else f"a {found.record} has this external id"
    return StoppedRecord("id_taken", words, answer)


async def read_back(netsuite: NetSuite, write: RecordWrite, written: WrittenRecord) -> WriteResult:
    """Read a record and compare it with `confirm`.

    A record that stands keeps standing when it cannot be read now, and when its amounts differ. Another
    record under the id that was reported is not ours: our own is looked for again.
    """
    is_reported = written.how in (CREATED, TRANSFORMED) or not written.is_confirmed
    written = replace(written, is_confirmed=False)
    try:
        found = await netsuite.read(write.payload.record, written.id)
    except LedgerError as error:
        answer = answer_in(error)
        return replace(stop_record(answer), is_unsure=False, written=written)
    if found is None:
        words = f"{write.payload.record} {written.id} cannot be read back"
        return StoppedRecord("not_confirmed", words, written=written)
    others = find_foreign(write.body, safe_id(written.external_id or write.external_id), found)
    if "externalId" in others and is_reported:
        words = f"{write.payload.record} {written.id} has another external id than was sent"
        return replace(stop_record(Answer(Verdict.UNKNOWN, "5xx", words=words)), is_unsure=True)
    unconfirmed = find_unconfirmed(write.details["confirm"], found, may_move=write.may_move)
    names = (*others, *unconfirmed)
    if written.how == FOUND:  # by the mapping's query: its external id is that of who created it
        names = unconfirmed
    if names:
        words = f"NetSuite holds another {_join_names(names)} than was computed"
        words = f"{write.payload.record} {written.id}: {words}"
        return StoppedRecord("not_confirmed", words, written=written)
    return replace(written, is_confirmed=True)


def stop_record(answer: Answer) -> StoppedRecord:
    """Return the result of a record that was not written because of this answer."""
    return StoppedRecord(reason=reason_of(answer), words=answer.words, answer=answer)


def _join_names(names: tuple[str, ...]) -> str:
    return " and ".join(names[:5])
