"""Writing one record, until it is certain that it stands in NetSuite once, or why not.

A POST that was not answered is *unknown*, never *failed*: the external id is looked up over the
whole group of record types before anything is sent again. What is found is compared: an earlier
attempt's own record is as good as written, another one's is `id_taken`. A tranDate that has moved out
of a closed period makes no record another one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from ..findings.errors import ExpressionError, NetSuiteError
from ..netsuite import LONGEST_ID, Answer, NetSuite, Verdict, answer_in, filled, safe_id
from .comparing import differences, unconfirmed
from .looking import FoundRecord, earlier_ids, internal_id, look_up
from .matching import matched
from .periods import ClosedPeriod, MovedDate, dated, day_in, first_open_day, is_closed, moved_in
from .results import ALREADY_THERE, StoppedRecord, WrittenRecord
from .steps import CONFIRM, WRITE
from .systems import Systems
from .writing import RecordWrite

_Send = Callable[[Mapping[str, object]], Awaitable[Answer]]

CREATED, TRANSFORMED, EARLIER = "created", "transformed", "posted earlier"
_UNSEEN = (
    "NetSuite says that it already exists, and no such record with this external id can be seen"
)


async def write(systems: Systems, one: RecordWrite) -> WrittenRecord | StoppedRecord:
    """Write a record by its `write`, and confirm it; never raises for what NetSuite does."""
    if (length := len(safe_id(one.external_id))) > LONGEST_ID:
        words = f"its external id has {length:,} characters for NetSuite, more than {LONGEST_ID}"
        return StoppedRecord("refused", words)
    one = replace(one, may_move=systems.closed_period is ClosedPeriod.FIRST_OPEN_DAY)
    try:
        with systems.steps.step(WRITE, one.payload.name):
            written = await _HOW[one.payload.write](systems.netsuite, one)
        if isinstance(written, StoppedRecord) or one.details.get("confirm") is None:
            return written
        with systems.steps.step(CONFIRM, one.payload.name):
            return await _confirmed(systems.netsuite, one, written)
    except NetSuiteError as error:
        # A read failed: nothing was sent by it, but what was sent before may be open.
        return replace(_stopped(answer_in(error)), is_unsure=True)
    except ExpressionError as error:
        return StoppedRecord("refused", error.message)


async def _create(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord:
    if "earlier" in one.details:
        own = await _there(netsuite, one) if one.look_first else None
        if there := own or await _earlier(netsuite, one):
            return there
    return await _surely(netsuite, one, partial(netsuite.create, one.payload.record), CREATED)


async def _transform(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord:
    origin = one.details.get("from")
    assert isinstance(origin, Mapping)
    record, id_ = str(origin["record"]), origin.get("id")
    if id_ is None:
        found = await netsuite.read_external(record, str(origin["external_id"]))
        if found is None:
            return StoppedRecord("record_missing", f"the {record} to transform does not exist")
        id_ = internal_id(found.get("id"))

    send = partial(netsuite.transform, record, str(id_), one.payload.record)
    return await _surely(netsuite, replace(one, origin=str(id_)), send, TRANSFORMED)


async def _ensure(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord:
    found = await _find(netsuite, one)
    if found is not None:
        return found

    return await _surely(netsuite, one, partial(netsuite.create, one.payload.record), CREATED)


async def _surely(
    netsuite: NetSuite, one: RecordWrite, send: _Send, how: str
) -> WrittenRecord | StoppedRecord:
    """Send what makes a record, at most twice, and look in between.

    Sending again is safe for the external id alone: however late the first one arrives, NetSuite
    takes only one of them. A transform is always looked for first: done before, it is refused because
    nothing is left to transform.
    """
    if (one.look_first or one.origin) and (there := await _there(netsuite, one)):
        return there
    is_unsure = one.look_first
    answer = await _sent(netsuite, one, send)
    if answer.verdict is Verdict.UNKNOWN:
        is_unsure = True
        if there := await _there(netsuite, one):
            return there
        answer = await _sent(netsuite, one, send)
    if answer.verdict is Verdict.DELIVERED and answer.id is not None:
        return one.posted(answer.id, how)
    return await _not_sent(netsuite, one, answer, is_unsure=is_unsure)


async def _sent(netsuite: NetSuite, one: RecordWrite, send: _Send) -> Answer:
    """What NetSuite answers; where the period is closed and the day may move, on the first open day.

    It moves once: what is refused there too is refused. Nothing is remembered of it between the two
    requests: whoever is killed there sends the payload's own day again, and hears the same.
    """
    body = one.body if one.moved is None else dated(one.body, one.moved.after)
    answer = one.heard(await send(body))
    if not (one.may_move and is_closed(answer)) or one.moved is not None:
        return answer
    before = day_in(one.body)
    after = await first_open_day(netsuite, before)
    if before is None or isinstance(after, str):
        return one.explained(str(after))
    if after != before:
        one.moves.append(MovedDate(before, after))
    again = one.heard(await send(dated(one.body, after)))
    if not is_closed(again):
        return again
    return one.explained(f"though NetSuite shows {after} in an open one")


async def _not_sent(
    netsuite: NetSuite, one: RecordWrite, answer: Answer, *, is_unsure: bool
) -> WrittenRecord | StoppedRecord:
    """What became of a record that NetSuite has not taken this time: an earlier one may have."""
    is_taken = answer.verdict is Verdict.DUPLICATE
    may_be_done = is_unsure or (one.origin and answer.verdict is Verdict.REFUSED)
    if is_taken or may_be_done or answer.verdict is Verdict.UNKNOWN:
        there = await _there(netsuite, one)
        if there is not None:
            return there
    if is_taken and not is_unsure:
        return StoppedRecord("id_taken", _UNSEEN, answer)
    if is_taken:  # by what was sent before, it seems, and cannot be seen yet
        answer = Answer(Verdict.UNKNOWN, "5xx", words=_UNSEEN)
    return replace(_stopped(answer), is_unsure=is_unsure or answer.verdict is Verdict.UNKNOWN)


async def _there(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord | None:
    """What stands there already: the record itself, another one under its external id, or nothing."""
    payload = one.payload
    found = await look_up(netsuite, payload.record, one.external_id)
    if found is None:
        return await _find(netsuite, one) if payload.write == "ensure" else None
    if (words := _in_the_way(one, found)) is not None:
        return StoppedRecord("id_taken", words)
    if one.may_move and found.document and (moved := moved_in(one.body, found.document)):
        one.moves.append(moved)
    return one.posted(found.id, ALREADY_THERE)


async def _earlier(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord | None:
    """What an earlier integration has made of it: alike it is as good as written, else `id_taken`."""
    for name, external_id in earlier_ids(one.details):
        found = await look_up(netsuite, one.payload.record, external_id)
        if found is None:
            continue
        if (words := _in_the_way(one, found)) is not None:
            return StoppedRecord("id_taken", f"{words} (the one of `earlier.{name}`)")
        return replace(one.posted(found.id, EARLIER), external_id=external_id)
    return None


def _in_the_way(one: RecordWrite, found: FoundRecord) -> str | None:
    """Why what has the external id is not the record; None when it is."""
    record = one.payload.record
    if found.record != record.lower():
        return f"a {found.record} has this external id"
    if found.document is None:
        return f"a {record} has this external id, and cannot be read"
    ensured = one.payload.write == "ensure"
    others = () if ensured else differences(one.body, found.document, origin=one.origin)
    words = f"another {record} has this external id: it differs in {_list(others)}"
    return words if others else None


async def _find(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | None:
    """The record that `find` finds; of several the one with the smallest id, always the same."""
    find = one.details.get("find")
    assert isinstance(find, Mapping)
    values = find["values"]
    assert isinstance(values, Mapping)
    rows = await netsuite.rows(filled(str(find["query"]), values))
    ids = [internal_id(next(iter(row.values()), None)) for row in rows]
    if not ids:
        return None
    return one.posted(min(ids, key=lambda id_: (len(id_), id_)), "found")


async def _update(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord:
    payload = one.payload
    found = await netsuite.read_external(payload.record, one.external_id)
    if found is None:
        return StoppedRecord("record_missing", f"the {payload.record} to update does not exist")
    id_ = internal_id(found.get("id"))
    if one.has_landed(found):
        return one.posted(id_, ALREADY_THERE)
    match = one.details.get("match")
    body = matched(one.body, match if isinstance(match, Mapping) else {}, found)
    if isinstance(body, StoppedRecord):
        return body
    answer = one.heard(await netsuite.update(payload.record, id_, body))
    if answer.verdict is Verdict.UNKNOWN:
        again = await netsuite.read(payload.record, id_)
        if again is not None and one.has_landed(again):
            return one.posted(id_, ALREADY_THERE)
    return one.posted(id_, "updated") if answer.verdict is Verdict.DELIVERED else _stopped(answer)


async def _upsert(netsuite: NetSuite, one: RecordWrite) -> WrittenRecord | StoppedRecord:
    """Sent again it changes nothing: the sublists are replaced, not added to."""
    payload = one.payload
    sublists = [
        name for name, value in one.body.items() if isinstance(value, Mapping) and "items" in value
    ]
    answer = one.heard(await netsuite.upsert(payload.record, one.external_id, one.body, sublists))
    if answer.verdict is Verdict.DUPLICATE:
        return await _taken(netsuite, one, answer)
    if answer.verdict is not Verdict.DELIVERED:
        return _stopped(answer)
    if answer.id is not None:
        return one.posted(answer.id, "upserted")
    found = await netsuite.read_external(payload.record, one.external_id)
    if found is None:
        words = "the record that was written is not found"
        return _stopped(Answer(Verdict.UNKNOWN, "5xx", words=words))
    return one.posted(internal_id(found.get("id")), "upserted")


async def _taken(netsuite: NetSuite, one: RecordWrite, answer: Answer) -> StoppedRecord:
    """An upsert that finds its external id in use: by another type, or by itself a moment ago."""
    payload = one.payload
    found = await look_up(netsuite, payload.record, one.external_id)
    if found is not None and found.record == payload.record.lower():
        words = f"another request has just written this {payload.record}"
        return _stopped(Answer(Verdict.UNKNOWN, "5xx", words=words))
    words = _UNSEEN if found is None else f"a {found.record} has this external id"
    return StoppedRecord("id_taken", words, answer)


async def _confirmed(
    netsuite: NetSuite, one: RecordWrite, written: WrittenRecord
) -> WrittenRecord | StoppedRecord:
    """The record, if it stands there as `confirm` says."""
    found = await netsuite.read(one.payload.record, written.id)
    if found is None:
        words = f"{one.payload.record} {written.id} cannot be read back"
        return StoppedRecord("not_confirmed", words, stands=written)
    others = unconfirmed(one.details["confirm"], found, may_move=one.may_move)
    if others:
        words = f"NetSuite holds another {_list(others)} than was computed"
        words = f"{one.payload.record} {written.id}: {words}"
        return StoppedRecord("not_confirmed", words, stands=written)
    return written


def _stopped(answer: Answer) -> StoppedRecord:
    unsure = answer.verdict is Verdict.UNKNOWN
    # A reason of its own: a month that is opened again lets all of them be retried together.
    reason = "period_closed" if is_closed(answer) else answer.verdict.value
    return StoppedRecord(reason, answer.words, answer, unsure)


def _list(names: tuple[str, ...]) -> str:
    return " and ".join(names[:5])


_HOW: dict[str, Callable[[NetSuite, RecordWrite], Awaitable[WrittenRecord | StoppedRecord]]] = {
    "create": _create,
    "ensure": _ensure,
    "update": _update,
    "transform": _transform,
    "upsert": _upsert,
}
