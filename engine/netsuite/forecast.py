"""Forecasts what writing a record would do; reads only."""

from __future__ import annotations

from collections.abc import Mapping

from ..findings.errors import ExpressionError, LedgerError
from ..mapping.systems import ENSURE
from ..run import Payload
from ..run.ledger import ClosedPeriod, Forecast, ForecastKind
from .client import NetSuite
from .compare import find_additions, find_differences
from .look_up import (
    FoundRecord,
    find_id,
    is_inactive,
    look_up,
    read_earlier_ids,
    run_find,
)
from .periods import DAY, find_first_open_day, is_unreadable, read_day

_LINES = "item"
# The forecasts of a record that would be created, now or after another one.
_CREATING = (ForecastKind.CREATED, ForecastKind.OPEN)

_KindAndWords = tuple[ForecastKind, str]


async def forecast(netsuite: NetSuite, payload: Payload, closed_period: ClosedPeriod) -> Forecast:
    """Forecast what writing a payload would do now. Raise nothing that NetSuite does."""
    try:
        expected = await _forecast_write(netsuite, payload)
        kind, words = await _forecast_period(netsuite, payload, closed_period, expected)
        return Forecast(payload, kind, words)
    except (LedgerError, ExpressionError) as error:
        return Forecast(payload, ForecastKind.UNKNOWN, f"cannot be looked up: {error}")


async def _forecast_write(netsuite: NetSuite, payload: Payload) -> _KindAndWords:
    find = payload.details.get("find")
    if isinstance(find, Mapping) and (known := await _forecast_find(netsuite, find)) is not None:
        return known
    assert payload.external_id is not None
    if payload.write == "transform":
        return await _forecast_transform(netsuite, payload, payload.external_id)
    found = await look_up(netsuite, payload.record, payload.external_id)
    if found is not None:
        return _compare_found(payload, found, payload.body)
    if payload.write == "update":
        return ForecastKind.MISSING, "does not exist"
    for name, external_id in read_earlier_ids(payload.details):
        if (found := await look_up(netsuite, payload.record, external_id)) is not None:
            kind, words = _compare_found(payload, found, payload.body)
            return kind, f"{words} (posted earlier as {external_id}, by `earlier.{name}`)"
    return ForecastKind.CREATED, "would be created"


async def _forecast_period(
    netsuite: NetSuite, payload: Payload, closed_period: ClosedPeriod, expected: _KindAndWords
) -> _KindAndWords:
    """Return the forecast, changed if the record would be created on a day of a closed period.

    If the role cannot read the periods, the forecast stays: NetSuite may accept the record.
    """
    kind, words = expected
    day = read_day(payload.body)
    if kind not in _CREATING or day is None:
        return expected
    after = await find_first_open_day(netsuite, day)
    if after == day or is_unreadable(after):
        return expected
    if isinstance(after, str):
        return ForecastKind.CLOSED, f"would be refused: the period of {day} is closed, {after}"
    if closed_period is not ClosedPeriod.FIRST_OPEN_DAY:
        return ForecastKind.CLOSED, f"would be refused: the period of {day} is closed"
    return kind, f"{words}; {DAY} would move to {after}, as the period of {day} is closed"


async def _forecast_find(netsuite: NetSuite, find: Mapping[str, object]) -> _KindAndWords | None:
    """Forecast a record with a `find` query; None when the query finds nothing."""
    values = find["values"]
    assert isinstance(values, Mapping)
    if any(isinstance(value, Mapping) for value in values.values()):
        return ForecastKind.OPEN, "is found or created after the record it refers to"
    rows = await run_find(netsuite, str(find["query"]), values)
    return (ForecastKind.STANDS, f"exists as {next(iter(rows[0].values()), '?')}") if rows else None


async def _forecast_transform(
    netsuite: NetSuite, payload: Payload, external_id: str
) -> _KindAndWords:
    """Forecast a transform, which needs the record that it starts from."""
    found = await look_up(netsuite, payload.record, external_id)
    origin = payload.details["from"]
    assert isinstance(origin, Mapping)
    name = str(origin["record"])
    id_ = origin.get("id")
    if id_ is None and not _is_open(origin):
        id_ = await find_id(netsuite, name, str(origin["external_id"]))
    if found is not None:
        origin_id = None if _is_open(origin) or id_ is None else str(id_)
        # Lines that a transform does not name are the other record's.
        body = {key: value for key, value in payload.body.items() if key != _LINES}
        return _compare_found(payload, found, body, origin=origin_id)
    if _is_open(origin):
        return ForecastKind.OPEN, f"would be created from the {name} that is written before it"
    if id_ is None:
        return (
            ForecastKind.MISSING,
            f"cannot be created: the {name} {origin['external_id']} does not exist",
        )
    return ForecastKind.CREATED, f"would be created from {name} {id_}"


def _compare_found(
    payload: Payload, found: FoundRecord, body: Mapping[str, object], *, origin: str | None = None
) -> _KindAndWords:
    """Forecast a payload whose external id a record has."""
    if found.record != payload.record.lower():
        return ForecastKind.TAKEN, f"cannot be created: a {found.record} has its external id"
    if payload.write in ("update", "upsert"):
        return ForecastKind.CHANGED, f"would be changed: {found.id}"
    if found.document is None:
        return ForecastKind.TAKEN, f"exists as {found.id}, but cannot be read"
    if payload.write == ENSURE:
        if is_inactive(found.document):
            return ForecastKind.TAKEN, f"exists as {found.id}, but is inactive"
        return ForecastKind.STANDS, f"exists as {found.id}"
    known = {name: value for name, value in body.items() if not _is_open(value)}
    names = find_differences(known, found.document, origin=origin)
    if names:
        words = f"a different one exists as {found.id}: it differs in {' and '.join(names)}"
        return ForecastKind.TAKEN, words
    added = ", ".join(find_additions(known, found.document, origin=origin))
    return ForecastKind.STANDS, f"exists as {found.id}{f' ({added})' if added else ''}"


def _is_open(value: object) -> bool:
    """Whether a value refers to a record that is not written yet."""
    if isinstance(value, Mapping):
        return "$record" in value or any(_is_open(inner) for inner in value.values())
    return False
