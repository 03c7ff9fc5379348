"""An SQLite database in memory that mirrors the search index: only changed records are written again.

Numbers are texts that are compared and added exactly. A query has a maximum number of steps.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from ....documents.exact import add, format_plain
from ..exposure import describe_hidden, find_hidden_column
from ..site import Site
from .dialect import PREFIX, invalid_search, translate_query
from .tables import (
    DATES,
    PERIODS,
    SqlTable,
    build_tables,
    display_value,
    list_account_rows,
    list_period_rows,
)

_STEPS = 20_000_000
_EVERY = 100_000
_LONGEST_VALUE = 1_000_000
_UNKNOWN_NAME = re.compile(r"no such column: (?:x_\w+\.)?x_(\w+)|no such table: x_(\w+)")
_PARTS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S"}
_ORDER = {"YYYY": "year", "%Y": "year", "MM": "month", "%m": "month", "DD": "day", "%d": "day"}


class Database:
    """The tables of one account; `select_rows` updates and queries them."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tables = build_tables(site.account)
        self._steps = 0
        self._sqlite = sqlite3.connect(":memory:", check_same_thread=False)
        self._sqlite.execute("PRAGMA case_sensitive_like = ON")
        self._sqlite.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        self._sqlite.create_collation("exact", _compare)
        self._sqlite.create_aggregate("sum", 1, _Sum)  # type: ignore[arg-type] # sqlite calls its methods
        for name, count, function in (
            ("builtin_df", 2, partial(display_value, site)),
            ("lower", 1, _lower),
            ("upper", 1, _upper),
            ("user_date", 1, _user_date),
            ("to_char", 2, _to_char),
            ("to_date", 2, _to_date),
        ):
            self._sqlite.create_function(name, count, function)
        self._sqlite.set_progress_handler(self._is_too_long, _EVERY)
        for table in self._tables:
            self._create(table)
        for name, row in list_account_rows(site.account):
            self._insert(name, row)
        self._seen_changes = -1

    def select_rows(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the names of the columns, and all rows. Raise RefusalError for a query that fails."""
        self._update_tables()
        self._steps = 0
        translated = translate_query(query)
        hidden = find_hidden_column(self._site.account, translated.tables, translated.columns)
        if hidden is not None:
            raise invalid_search(describe_hidden(*hidden, "SEARCH"))
        try:
            cursor = self._sqlite.execute(translated.sql)
            found = cursor.fetchall()
        except (sqlite3.Error, RecursionError) as error:
            raise invalid_search(self._translate_error(str(error))) from error
        names = [_strip_prefix(column[0]) for column in cursor.description]
        if translated.is_unsorted:
            found = _lose_rows(found, self._site.settings.unsorted)
        if translated.has_star:
            found = [_format_dates(names, row) for row in found]
            return self._hide_columns(translated.tables, names, found)
        return names, found

    def _hide_columns(
        self, tables: Collection[str], names: list[str], rows: list[tuple[Any, ...]]
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the columns that `*` selects without those that the role does not see."""
        account = self._site.account
        shown = [
            at
            for at, name in enumerate(names)
            if find_hidden_column(account, tables, (name,)) is None
        ]
        return [names[at] for at in shown], [tuple(row[at] for at in shown) for row in rows]

    def _update_tables(self) -> None:
        """Write the records and periods that changed since the last query."""
        search = self._site.search
        search.refresh()
        changed = sorted(search.changed, key=int)
        for table in self._tables:
            ids = [(id_,) for id_ in changed]
            self._sqlite.executemany(f"DELETE FROM {PREFIX}{table.name} WHERE x_id = ?", ids)  # noqa: S608 - the name is defined here
            for id_ in changed:
                record = search.find_by_id(id_)
                if record is not None and table.holds(record.kind):
                    self._insert(table.name, table.build_row(record))
        search.changed.clear()
        if (changes := self._site.periods.changes) != self._seen_changes:
            self._seen_changes = changes
            self._sqlite.execute(f"DELETE FROM {PREFIX}{PERIODS}")  # noqa: S608 - the name is defined here
            for row in list_period_rows(self._site.periods):
                self._insert(PERIODS, row)

    def _create(self, table: SqlTable) -> None:
        columns = ", ".join(f"{PREFIX}{name} {kind}" for name, kind in table.columns.items())
        self._sqlite.execute(f"CREATE TABLE {PREFIX}{table.name} ({columns})")
        self._sqlite.execute(f"CREATE INDEX {PREFIX}{table.name}_id ON {PREFIX}{table.name} (x_id)")

    def _insert(self, name: str, row: tuple[Any, ...]) -> None:
        places = ", ".join("?" * len(row))
        self._sqlite.execute(f"INSERT INTO {PREFIX}{name} VALUES ({places})", row)  # noqa: S608 - the name is defined here

    def _is_too_long(self) -> bool:
        self._steps += _EVERY
        return self._steps > _STEPS

    def _translate_error(self, words: str) -> str:
        """Return an error of SQLite in NetSuite's words."""
        match = _UNKNOWN_NAME.search(words)
        if match is None:
            return "Invalid or unsupported search"
        if match[2]:
            return f"Record '{match[2]}' was not found"
        known = sorted({name for table in self._tables for name in table.columns})
        return f"Unknown identifier '{match[1]}'. Available identifiers are: {{{', '.join(known)}}}"


class _Sum:
    """An exact sum of numbers held as texts."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, value: Any) -> None:
        if value is not None:
            self._sum = Decimal(add(self._sum or Decimal(0), Decimal(str(value))))

    def finalize(self) -> str | None:
        return None if self._sum is None else format_plain(self._sum)


def _lose_rows(rows: list[tuple[Any, ...]], unsorted: str) -> list[tuple[Any, ...]]:
    """Return what an ORDER BY without ASC or DESC gives (public reports: nothing, or not all)."""
    kept = {"all": len(rows), "half": len(rows) // 2, "nothing": 0}[unsorted]
    return rows[:kept]


def _strip_prefix(name: str) -> str:
    return name.removeprefix(PREFIX).lower()


def _format_dates(names: list[str], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row of `*` with dates in the user's format, as `dialect` gives for dates selected by name."""
    cells = zip(names, row, strict=True)
    return tuple(_user_date(value) if name in DATES else value for name, value in cells)


def _compare(left: str, right: str) -> int:
    try:
        first, second = Decimal(left), Decimal(right)
    except ArithmeticError:
        return (left > right) - (left < right)
    return (first > second) - (first < second)


def _lower(value: object) -> str | None:
    """Return the text in lower case, for every letter as in Oracle; SQLite's own covers only ASCII."""
    return None if value is None else str(value).lower()


def _upper(value: object) -> str | None:
    return None if value is None else str(value).upper()


def _user_date(value: str | None) -> str | None:
    """Return a date in the format of American users: 12/1/2026."""
    day = None if value is None else date.fromisoformat(value[:10])
    return None if day is None else f"{day.month}/{day.day}/{day.year}"


def _to_char(value: str | None, pattern: str) -> str | None:
    if value is None:
        return None
    moment = date.fromisoformat(str(value)[:10])
    return moment.strftime(_convert_pattern(pattern))


def _to_date(value: str | None, pattern: str) -> str | None:
    """Return a text as a date, in the stored format (YYYY-MM-DD)."""
    if value is None:
        return None
    order = [_ORDER[part] for part in re.findall("YYYY|MM|DD|%Y|%m|%d", pattern)]
    numbers = map(int, re.findall(r"\d+", value))
    return date(**dict(zip(order, numbers, strict=True))).isoformat()


def _convert_pattern(pattern: str) -> str:
    """Convert Oracle's date pattern to Python's; text in double quotes is literal."""
    pieces = re.split(r'"([^"]*)"', pattern)
    names = "|".join(_PARTS)
    for at in range(0, len(pieces), 2):
        pieces[at] = re.sub(names, lambda match: _PARTS[match[0]], pieces[at])
    return "".join(pieces)
