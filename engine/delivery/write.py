"""One record handed to the ledger: references resolved, in its turn, written and confirmed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ..run import Payload
from ..run.ledger import (
    ClosedPeriod,
    Ledger,
    RecordWrite,
    StoppedRecord,
    WriteResult,
    WrittenRecord,
)
from .references import resolve_map
from .steps import CONFIRM, WRITE
from .systems import Systems

# How each `write` of the language is carried out.
_WRITE_METHODS: Mapping[str, Callable[[Ledger, RecordWrite], Awaitable[WriteResult]]] = {
    "create": lambda ledger, write: ledger.create(write),
    "ensure": lambda ledger, write: ledger.ensure(write),
    "update": lambda ledger, write: ledger.update(write),
    "upsert": lambda ledger, write: ledger.upsert(write),
    "transform": lambda ledger, write: ledger.transform(write),
}


def prepare_write(
    systems: Systems,
    payload: Payload,
    written: Mapping[str, WrittenRecord],
    *,
    look_first: bool,
    has_landed: Callable[[Mapping[str, object]], bool],
) -> RecordWrite:
    """Return a payload with the ids of the records `written` before it, ready to be written."""
    assert payload.external_id is not None
    stored_id = systems.ledger.stored_id
    return RecordWrite(
        payload=payload,
        external_id=payload.external_id,
        body=resolve_map(payload.body, written, stored_id),
        details=resolve_map(payload.details, written, stored_id),
        look_first=look_first,
        has_landed=has_landed,
        may_move=systems.closed_period is ClosedPeriod.FIRST_OPEN_DAY,
    )


async def write_record(systems: Systems, write: RecordWrite) -> WriteResult:
    """Write a record and confirm it; the mapping's `serialize` makes others wait meanwhile."""
    text = write.details.get("serialize")
    if text is None:
        return await _write(systems, write)
    async with systems.turns.turn(systems.ledger.account, str(text)):
        return await _write(systems, write)


async def _write(systems: Systems, write: RecordWrite) -> WriteResult:
    with systems.steps.step(WRITE, write.payload.name):
        result = await _WRITE_METHODS[write.payload.write](systems.ledger, write)
    if isinstance(result, StoppedRecord) or write.details.get("confirm") is None:
        return result
    with systems.steps.step(CONFIRM, write.payload.name):
        return await systems.ledger.read_back(write, result)
