"""Recognizes closed accounting periods, and finds the first open day after one.

A period is closed when NetSuite refuses a record for it; no calendar is read before. The open periods
are rows of `accountingperiod`, with the columns of Oracle's SOAP Schema Browser 2022.1
(AccountingPeriod): only journals are entered in a period of adjustments; quarters, years and periods of
adjustments are rows too (`isquarter`, `isyear`, `isadjust`). `isposting` and `isinactive` are read as in
public code. An account without one of the columns refuses the query, and the order is parked. A period
whose receivables are locked (`alllocked`, `arlocked`) accepts no order. Dates come in the format of the
user of the credentials, so the query formats them (netsuite.md §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from ..findings.errors import LedgerError
from ..run.ledger import Answer, MovedDate, Verdict, error_of
from .client import NetSuite
from .refusals import PERIOD_CLOSED
from .suiteql import fill_query

DAY = "tranDate"
_OPEN_PERIODS = (
    "SELECT id, TO_CHAR(startdate, 'YYYY-MM-DD') AS first FROM accountingperiod"
    " WHERE isposting = 'T' AND isadjust = 'F' AND isquarter = 'F' AND isyear = 'F'"
    " AND isinactive = 'F' AND closed = 'F' AND alllocked = 'F' AND arlocked = 'F'"
    " AND enddate >= TO_DATE({day}, 'YYYY-MM-DD') ORDER BY id ASC"
)
_NO_DAY = "and its payload has no tranDate that could move"
_NO_OPEN_PERIOD = "and NetSuite has no open accounting period on {} or after"
_UNREADABLE = "and its accounting periods cannot be read"
_UNREADABLE_BECAUSE = (
    f"{_UNREADABLE} ({{}}): let the role see accounting periods, or open the period"
)


def is_closed(answer: Answer) -> bool:
    """Whether NetSuite refused a record because its period is closed."""
    return answer.verdict is Verdict.REFUSED and PERIOD_CLOSED in answer.codes


def read_day(body: Mapping[str, object]) -> date | None:
    """Return the date of a transaction, in a payload or in a record; None without a valid one."""
    text = next((value for name, value in body.items() if name.lower() == DAY.lower()), None)
    return _parse_day(text)


def set_day(body: Mapping[str, object], day: date) -> dict[str, object]:
    """Return the body with another date."""
    return {
        name: day.isoformat() if name.lower() == DAY.lower() else value
        for name, value in body.items()
    }


def find_move(body: Mapping[str, object], found: Mapping[str, object]) -> MovedDate | None:
    """Return the move from the payload's date to the record's; None unless the record's is later."""
    before, after = read_day(body), read_day(found)
    return MovedDate(before, after) if before and after and before < after else None


async def find_first_open_day(netsuite: NetSuite, day: date | None) -> date | str:
    """Return the first open day from `day` on, or in words why there is none.

    It is `day` itself when the table shows its period as open: it was opened just now, or is closed in a
    way that the table does not show. Raise LedgerError when NetSuite does not answer.
    """
    if day is None:
        return _NO_DAY
    try:
        rows = await netsuite.rows(fill_query(_OPEN_PERIODS, {"day": day.isoformat()}))
    except LedgerError as error:
        if error.verdict != Verdict.REFUSED:
            raise
        return _UNREADABLE_BECAUSE.format(error)
    days = [max(day, _read_first_day(row)) for row in rows]
    return min(days) if days else _NO_OPEN_PERIOD.format(day)


async def name_closed_period(
    netsuite: NetSuite, answer: Answer, body: Mapping[str, object]
) -> Answer:
    """Return a refusal in unknown words with the code PERIOD_CLOSED, if the day's period is closed.

    NetSuite writes in the language of its user, so the words of a refusal may be unknown: the accounting
    periods are asked instead. Any other answer, and one whose periods cannot be read, is returned as it is.
    """
    day = read_day(body)
    if answer.verdict is not Verdict.REFUSED or netsuite.catalogue.explains(answer) or day is None:
        return answer
    try:
        after = await find_first_open_day(netsuite, day)
    except LedgerError:
        return answer
    if after == day or is_unreadable(after):
        return answer
    words = f"the period of {day} is closed in NetSuite, which may be the reason: {answer.words}"
    return replace(answer, codes=(PERIOD_CLOSED, *answer.codes), words=words)


def is_unreadable(found: date | str) -> bool:
    """Whether a result of `find_first_open_day` means that the periods cannot be read."""
    return isinstance(found, str) and found.startswith(_UNREADABLE)


def _read_first_day(row: Mapping[str, object]) -> date:
    """Return the first day of a period. Raise LedgerError for a row without one."""
    day = _parse_day(row.get("first"))
    if day is None:
        words = "NetSuite's answer holds no date where one belongs"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return day


def _parse_day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
