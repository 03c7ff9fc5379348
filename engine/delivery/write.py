"""Writes one record to the ledger: resolve its references, wait for its turn, write, confirm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ..mapping.systems import ENSURE
from ..run import Payload
from ..run.ledger import (
    ClosedPeriod,
    HasLanded,
    Ledger,
    RecordWrite,
    StoppedRecord,
    WriteResult,
    WrittenRecord,
)
from .steps import CONFIRM, WRITE
from .systems import Systems

# The method of the ledger for each `write` of the language.
_WRITE_METHODS: Mapping[str, Callable[[Ledger, RecordWrite], Awaitable[WriteResult]]] = {
    "create": lambda ledger, write: ledger.create(write),
    ENSURE: lambda ledger, write: ledger.ensure(write),
    "update": lambda ledger, write: ledger.update(write),
    "upsert": lambda ledger, write: ledger.upsert(write),
    "transform": lambda ledger, write: ledger.transform(write),
}
_REFERENCE = frozenset(("$record", "field"))


def prepare_write(
    systems: Systems,
    payload: Payload,
    written: Mapping[str, WrittenRecord],
    *,
    look_first: bool,
    has_landed: HasLanded,
    private: object = None,
) -> RecordWrite:
    """Return a payload with the ids of the records `written` before it, ready to be written."""
    assert payload.external_id is not None
    stored_id = systems.ledger.stored_id
    return RecordWrite(
        payload=payload,
        external_id=payload.external_id,
        body=_resolve_map(payload.body, written, stored_id),
        details=_resolve_map(payload.details, written, stored_id),
        look_first=look_first,
        has_landed=has_landed,
        may_move=systems.closed_period is ClosedPeriod.FIRST_OPEN_DAY,
        private=private,
    )


async def write_record(systems: Systems, write: RecordWrite) -> WriteResult:
    """Write a record and confirm it, in its turn if the mapping has `serialize`."""
    text = write.details.get("serialize")
    if text is None:
        return await _write(systems, write)
    async with systems.turns.turn(systems.ledger.account, str(text)):
        return await _write(systems, write)


async def _write(systems: Systems, write: RecordWrite) -> WriteResult:
    with systems.steps.step(WRITE, write.payload.name):
        result = await _WRITE_METHODS[write.payload.write](systems.ledger, write)
    return (
        result
        if isinstance(result, StoppedRecord)
        else await confirm_record(systems, write, result)
    )


async def confirm_record(
    systems: Systems, write: RecordWrite, written: WrittenRecord
) -> WriteResult:
    """Read back a record that stands, if the mapping has `confirm`."""
    if write.details.get("confirm") is None:
        return written
    with systems.steps.step(CONFIRM, write.payload.name):
        return await systems.ledger.read_back(write, written)


def resolve_references(
    value: object, written: Mapping[str, WrittenRecord], stored_id: Callable[[str], str]
) -> object:
    """Return the value with each `{"$record": NAME, "field": …}` replaced by the record's id.

    `stored_id` gives an external id as the ledger stores it. The id of a record that is not known is None.
    """
    if isinstance(value, Mapping):
        if value.keys() == _REFERENCE:
            record = written.get(str(value["$record"]))
            if record is None or value["field"] == "id":
                return record and record.id
            return None if record.external_id is None else stored_id(record.external_id)
        return {
            name: resolve_references(inner, written, stored_id) for name, inner in value.items()
        }
    if isinstance(value, list):
        return [resolve_references(inner, written, stored_id) for inner in value]
    return value


def _resolve_map(
    value: Mapping[str, object],
    written: Mapping[str, WrittenRecord],
    stored_id: Callable[[str], str],
) -> dict[str, object]:
    """Return a map with its references resolved."""
    return {name: resolve_references(inner, written, stored_id) for name, inner in value.items()}
