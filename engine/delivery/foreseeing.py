"""What writing a record would do, found out by reading only."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ExpressionError, NetSuiteError
from ..netsuite import NetSuite, filled
from ..run import Payload
from .comparing import differences
from .looking import Found, look_up


async def foresee(netsuite: NetSuite, payload: Payload) -> str:
    """`would be created`, `stands there as 1001`, …; for people. Raise nothing that NetSuite does."""
    try:
        return await _foreseen(netsuite, payload)
    except (NetSuiteError, ExpressionError) as error:
        return f"cannot be looked up: {error}"


async def _foreseen(netsuite: NetSuite, payload: Payload) -> str:
    find = payload.details.get("find")
    if isinstance(find, Mapping) and (words := await _sought(netsuite, find)) is not None:
        return words
    assert payload.external_id is not None
    found = await look_up(netsuite, payload.record, payload.external_id)
    if found is None:
        return "does not exist" if payload.write == "update" else "would be created"
    return _standing(payload, found)


async def _sought(netsuite: NetSuite, find: Mapping[str, object]) -> str | None:
    """What `find` finds; None when that is nothing."""
    values = find["values"]
    assert isinstance(values, Mapping)
    if any(isinstance(value, Mapping) for value in values.values()):
        return "is found or created, after the record it refers to"
    rows = await netsuite.rows(filled(str(find["query"]), values))
    return f"stands there as {next(iter(rows[0].values()), '?')}" if rows else None


def _standing(payload: Payload, found: Found) -> str:
    """What the record that has the external id means for the payload."""
    if found.record != payload.record.lower():
        return f"cannot be created: a {found.record} has its external id"
    if payload.write in ("update", "upsert"):
        return f"would be changed: {found.id}"
    if found.document is None:
        return f"stands there as {found.id}, and cannot be read"
    known = {name: value for name, value in payload.body.items() if not _is_open(value)}
    others = () if payload.write == "ensure" else differences(known, found.document)
    if others:
        return f"another one stands there as {found.id}: it differs in {' and '.join(others)}"
    return f"stands there as {found.id}"


def _is_open(value: object) -> bool:
    """Whether a value refers to a record that is yet to be written."""
    if isinstance(value, Mapping):
        return "$record" in value or any(_is_open(inner) for inner in value.values())
    return False
