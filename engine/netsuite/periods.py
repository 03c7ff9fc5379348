"""A closed accounting period: whether a refusal is one, and the first day after it that is open.

Closed is what NetSuite refuses, nothing else: no calendar is asked before. The open periods are those
of `accountingperiod`: columns as in Oracle's SOAP Schema Browser 2022.1 (AccountingPeriod), which
says too that in a period of adjustments only journals are entered; quarters, years and those of
adjustments are rows as well (`isquarter`, `isyear`, `isadjust`). `isposting` and `isinactive` are as
public code reads them. An account that does not know a column refuses the query, and the order is
parked. A period whose receivables are locked (`alllocked`, `arlocked`) takes no order. Days come in
the format of the user who signs in, and are asked for in one of ours (netsuite.md §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..findings.errors import LedgerError
from ..run.ledger import Answer, MovedDate, Verdict, error_of
from .client import NetSuite
from .error_details import PERIOD_CLOSED
from .suiteql import fill_query

DAY = "tranDate"
_OPEN_PERIODS = (
    "SELECT id, TO_CHAR(startdate, 'YYYY-MM-DD') AS first FROM accountingperiod"
    " WHERE isposting = 'T' AND isadjust = 'F' AND isquarter = 'F' AND isyear = 'F'"
    " AND isinactive = 'F' AND closed = 'F' AND alllocked = 'F' AND arlocked = 'F'"
    " AND enddate >= TO_DATE({day}, 'YYYY-MM-DD') ORDER BY id"
)
_NO_DAY = "and its payload has no tranDate that could move"
_NO_OPEN_PERIOD = "and NetSuite has no open accounting period on {} or after"
_UNREADABLE = "and its accounting periods cannot be read"
_UNREADABLE_BECAUSE = (
    f"{_UNREADABLE} ({{}}): let the role see accounting periods, or open the period"
)


def is_closed(answer: Answer) -> bool:
    """Whether NetSuite has refused a record because its period is closed."""
    return answer.verdict is Verdict.REFUSED and PERIOD_CLOSED in answer.codes


def read_day(body: Mapping[str, object]) -> date | None:
    """The day a transaction is dated, in a payload or a record that was read; None for what is none."""
    text = next((value for name, value in body.items() if name.lower() == DAY.lower()), None)
    return _parse_day(text)


def set_day(body: Mapping[str, object], day: date) -> dict[str, object]:
    """The same body on another day; nothing else changes."""
    return {
        name: day.isoformat() if name.lower() == DAY.lower() else value
        for name, value in body.items()
    }


def find_move(body: Mapping[str, object], found: Mapping[str, object]) -> MovedDate | None:
    """How the day of a record that stands differs from its payload's; only a later one has moved."""
    before, after = read_day(body), read_day(found)
    return MovedDate(before, after) if before and after and before < after else None


async def find_first_open_day(netsuite: NetSuite, day: date | None) -> date | str:
    """The first open day from `day` on, or why there is none, for people.

    It is `day` itself when NetSuite holds its period open: it was opened just now, or it is closed
    in a way that the table does not show. Raise LedgerError when NetSuite does not answer now.
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


def is_unreadable(found: date | str) -> bool:
    """Whether what `find_first_open_day` found is that the periods cannot be read."""
    return isinstance(found, str) and found.startswith(_UNREADABLE)


def _read_first_day(row: Mapping[str, object]) -> date:
    """The first day of a period. Raise LedgerError for a row that names none."""
    day = _parse_day(row.get("first"))
    if day is None:
        words = "NetSuite's answer names no day where one belongs"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return day


def _parse_day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
