"""What writing a record would do, found out by reading only."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import NetSuiteError
from ..netsuite import NetSuite, filled
from ..run import Payload
from .comparing import differences
from .looking import look_up


async def foresee(netsuite: NetSuite, payload: Payload) -> str:
    """`would be created`, `stands there as 1001`, …; for people. Raise nothing that NetSuite does."""
    try:
        return await _foreseen(netsuite, payload)
    except NetSuiteError as error:
        return f"cannot be looked up: {error}"


async def _foreseen(netsuite: NetSuite, payload: Payload) -> str:
    find = payload.details.get("find")
    if isinstance(find, Mapping):
        values = find["values"]
        assert isinstance(values, Mapping)
        if any(isinstance(value, Mapping) for value in values.values()):
            return "is found or created, after the record it refers to"
        rows = await netsuite.rows(filled(str(find["query"]), values))
        if rows:
            return f"stands there as {next(iter(rows[0].values()), '?')}"
    if payload.external_id is None:
        return "would be created"
    found = await look_up(netsuite, payload.record, payload.external_id)
    if found is None:
        return "would be created" if payload.write != "update" else "does not exist"
    if payload.write in ("update", "upsert"):
        return f"would be changed: {found.id}"
    if found.record != payload.record.lower():
        return f"cannot be created: a {found.record} has its external id"
    if found.document is None:
        return f"stands there as {found.id}, and cannot be read"
    others = () if payload.write == "ensure" else differences(payload.body, found.document)
    if others:
        return f"another one stands there as {found.id}: it differs in {' and '.join(others)}"
    return f"stands there as {found.id}"
