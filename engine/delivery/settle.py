"""Finds out what earlier attempts left in the ledger, where an operator requested new inputs.

New inputs may give a record another external id, so that the ledger would accept it a second time. What
stands is therefore checked, and what may stand is looked up under the id that it was sent with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..findings.errors import LedgerError
from ..mapping.systems import ENSURE
from ..run import Payload
from ..run.ledger import StoppedRecord, WrittenRecord, answer_in
from .history import AttemptHistory
from .systems import Systems
from .write import prepare_write

# Repeating these makes no second record: an update names its record, and `ensure` looks for it first.
_REPEATABLE = (ENSURE, "update")


async def settle_sent(systems: Systems, past: AttemptHistory) -> AttemptHistory | StoppedRecord:
    """Return the history with what stands in the ledger now, or why that cannot be found out.

    A record of `ensure` is left out: the new inputs may name another one, and it is looked for again.
    """
    shared = {payload.name for payload in past.sent if payload.write == ENSURE}
    try:
        standing = {
            name: record
            for name, record in past.written.items()
            if name in shared or await systems.ledger.exists(record)
        }
    except LedgerError as error:
        return StoppedRecord("", str(error), answer_in(error))
    for payload in past.sent:
        may_stand = past.may_stand(payload.name) or payload.name in past.written
        is_open = may_stand and payload.name not in standing
        if not is_open or payload.write in _REPEATABLE:
            continue
        known = past.written.get(payload.name)
        sent_id = known.external_id if known and known.external_id else payload.external_id
        found = await _find_sent(systems, replace(payload, external_id=sent_id), standing)
        if isinstance(found, StoppedRecord):
            return found
        if found is not None:
            standing[payload.name] = found
    left = (one.name for one in past.sent if one.write in _REPEATABLE and past.may_stand(one.name))
    own = {name: record for name, record in standing.items() if name not in shared}
    return replace(past, written=own, doubts=frozenset(left))


async def _find_sent(
    systems: Systems, payload: Payload, standing: Mapping[str, WrittenRecord]
) -> WrittenRecord | StoppedRecord | None:
    write = prepare_write(systems, payload, standing, look_first=True, has_landed=_never_landed)
    return await systems.ledger.find_written(write)


async def _never_landed(_found: object) -> bool:
    return False
