"""The accounting periods of an account: years, quarters and months, and which of them are closed.

NetSuite's periods also include quarters, years, and adjustment periods that take journals only; only
months take transactions (SOAP Schema Browser 2022.1, AccountingPeriod). Months may be closed at
runtime.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

# The years that the account has set up. A real account has a last year too.
FIRST_YEAR, LAST_YEAR = 2020, 2030
_QUARTERS = 4
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A period from its first to its last day; `kind` is year, quarter, month or adjustment.

    `is_closed` applies to all transactions, `is_locked` to customers' transactions only (A/R).
    """

    id: int
    name: str
    kind: str
    first: date
    last: date
    is_closed: bool = False
    is_locked: bool = False


@dataclass(slots=True)
class Periods:
    """The periods of an account, and its closed months, written as `2026-11`.

    Months before `first_open_day` are closed too; months in `locked` take no customers'
    transactions. `changes` counts the changes.
    """

    first_open_day: date | None = None
    closed: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    changes: int = 0

    def change(self, name: str, months: Collection[str]) -> None:
        """Replace the months of `name`, which is `closed` or `locked`."""
        setattr(self, name, frozenset(months))
        self.changes += 1

    def is_open_on(self, day: date) -> bool:
        """Return whether a customer's transaction may be dated on a day."""
        if self.first_open_day is not None and day < self.first_open_day:
            return False
        month = f"{day:%Y-%m}"
        return month not in self.closed and month not in self.locked

    def list_periods(self) -> Iterator[Period]:
        """Yield every period in the order of ids, year by year."""
        number = 0
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            for name, kind, first, last in _list_year(year):
                number += 1
                closed, locked = self._is_closed(kind, first, last), f"{first:%Y-%m}" in self.locked
                yield Period(
                    id=number,
                    name=name,
                    kind=kind,
                    first=first,
                    last=last,
                    is_closed=closed,
                    is_locked=locked and kind == "month",
                )

    def _is_closed(self, kind: str, first: date, last: date) -> bool:
        is_before = self.first_open_day is not None and last < self.first_open_day
        return is_before or (kind == "month" and f"{first:%Y-%m}" in self.closed)


def parse_months(value: object) -> frozenset[str]:
    """Return a list of months, such as `["2026-10", "2026-11"]`. Raise ValueError."""
    listed = value if isinstance(value, list) else [None]
    if not all(isinstance(month, str) and _MONTH.fullmatch(month) for month in listed):
        raise ValueError("give a list of months, such as 2026-11")
    return frozenset(listed)


def _list_year(year: int) -> Iterator[tuple[str, str, date, date]]:
    last = date(year, 12, 31)
    yield f"FY {year}", "year", date(year, 1, 1), last
    for number in range(1, _QUARTERS + 1):
        begin, end = 3 * number - 2, 3 * number
        yield f"Q{number} {year}", "quarter", date(year, begin, 1), _last_day(year, end)
        for month in range(begin, end + 1):
            first = date(year, month, 1)
            yield f"{first:%b %Y}", "month", first, _last_day(year, month)
    yield f"Adjust {year}", "adjustment", last, last


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
