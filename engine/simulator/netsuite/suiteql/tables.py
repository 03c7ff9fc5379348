"""The tables of SuiteQL, and their rows from the account and the ledger.

Columns are those that Oracle's and public code use (see the README); booleans are T and F, dates are
stored as YYYY-MM-DD. A column without a value is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ....documents import format_as_written
from ....documents.exact import is_number
from ..account import Account, AccountEntry
from ..kinds import RecordKind, list_kinds
from ..ledger import StoredRecord
from ..periods import Periods
from ..site import Site
from ..status_names import find_status_name

Row = tuple[Any, ...]

IDS = "INTEGER"
TEXTS = "TEXT"
NUMBERS = "TEXT COLLATE exact"
_TRANSACTION: Mapping[str, str] = {
    "id": IDS, "tranid": TEXTS, "externalid": TEXTS, "type": TEXTS, "recordtype": TEXTS,
    "entity": IDS, "trandate": TEXTS, "status": TEXTS, "foreigntotal": NUMBERS, "currency": IDS,
    "exchangerate": NUMBERS, "memo": TEXTS, "otherrefnum": TEXTS, "createddate": TEXTS,
}  # fmt: skip
_CUSTOMER: Mapping[str, str] = {
    "id": IDS, "entityid": TEXTS, "externalid": TEXTS, "email": TEXTS, "firstname": TEXTS,
    "lastname": TEXTS, "companyname": TEXTS, "phone": TEXTS, "subsidiary": IDS, "isperson": TEXTS,
    "isinactive": TEXTS, "currency": IDS,
}  # fmt: skip
_ENTRY = {"id": IDS, "name": TEXTS, "externalid": TEXTS, "isinactive": TEXTS}
_LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "location": ("locations", _ENTRY | {"subsidiary": IDS}),
    "subsidiary": ("subsidiaries", _ENTRY),
    "department": ("departments", _ENTRY),
    "classification": ("classes", _ENTRY),
    "currency": (
        "currencies",
        {"id": IDS, "name": TEXTS, "symbol": TEXTS, "isinactive": TEXTS, "currencyprecision": IDS},
    ),
}
_ITEM = {"id": IDS, "itemid": TEXTS, "externalid": TEXTS, "itemtype": TEXTS, "isinactive": TEXTS}
# Named as in the analytics schema and public queries; flags give the kind of period.
_PERIOD: Mapping[str, str] = {
    "id": IDS, "periodname": TEXTS, "startdate": TEXTS, "enddate": TEXTS, "closed": TEXTS,
    "alllocked": TEXTS, "arlocked": TEXTS, "aplocked": TEXTS, "isposting": TEXTS, "isadjust": TEXTS,
    "isquarter": TEXTS, "isyear": TEXTS, "isinactive": TEXTS,
}  # fmt: skip
PERIODS = "accountingperiod"
DATES = frozenset(("trandate", "createddate", "startdate", "enddate"))


@dataclass(frozen=True, slots=True)
class SqlTable:
    """A table: its columns with SQLite's types, and the test for the records that belong in it."""

    name: str
    columns: Mapping[str, str]
    holds: Callable[[RecordKind], bool] = lambda _: False

    def build_row(self, record: StoredRecord) -> Row:
        """Return a record as a row."""
        return tuple(_read_cell(record, column) for column in self.columns)


def build_tables(account: Account) -> tuple[SqlTable, ...]:
    """Return the tables of an account; its custom fields are columns."""
    own = account.custom_fields
    body = {
        name: NUMBERS if kind == "number" else TEXTS for name, kind in own.get("body", {}).items()
    }
    entity = dict.fromkeys(own.get("entity", {}), TEXTS)
    lists = (SqlTable(name, columns) for name, (_, columns) in _LISTS.items())
    return (
        SqlTable("transaction", {**_TRANSACTION, **body}, lambda kind: kind.group == "transaction"),
        SqlTable("customer", {**_CUSTOMER, **entity}, lambda kind: kind.record == "customer"),
        SqlTable("item", _ITEM),
        SqlTable(PERIODS, _PERIOD),
        *lists,
    )


def list_account_rows(account: Account) -> Iterator[tuple[str, Row]]:
    """Yield the rows of the account's items and lists, each with its table."""
    for item in account.items:
        inactive = _format_flag(item.is_inactive)
        yield "item", (item.id, item.itemid, item.external_id, item.kind, inactive)
    for name, (source, columns) in _LISTS.items():
        for entry in account.list_entries(source):
            yield name, tuple(_read_entry(entry, column) for column in columns)


def list_period_rows(periods: Periods) -> Iterator[Row]:
    """Yield the rows of the accounting periods in their current state."""
    for period in periods.list_periods():
        is_month, is_locked = period.kind == "month", period.is_closed or period.is_locked
        flags = (
            period.is_closed, period.is_closed, is_locked, period.is_closed, is_month,
            period.kind == "adjustment", period.kind == "quarter", period.kind == "year", False,
        )  # fmt: skip
        yield (
            period.id,
            period.name,
            period.first.isoformat(),
            period.last.isoformat(),
            *map(_format_flag, flags),
        )


def display_value(site: Site, column: str, value: Any) -> Any:
    """Return the display value of a column (BUILTIN.DF)."""
    key = str(value)
    if column == "status":
        return find_status_name(key, site.settings.language)
    if column in ("type", "recordtype"):
        return next(
            (kind.record for kind in list_kinds() if key in (kind.code, kind.record.lower())), key
        )
    if column == "entity":
        found = site.ledger.find_by_id(key)
        return found.fields.get("entityId", key) if found else key
    source = _LISTS.get("classification" if column == "class" else column, ("",))[0]
    return next(
        (entry.name for entry in site.account.list_entries(source) if entry.id == key), value
    )


def _read_entry(entry: AccountEntry, column: str) -> Any:
    if column == "symbol":
        return entry.name
    if column == "isinactive":
        return _format_flag(entry.is_inactive)
    if column == "currencyprecision":
        return entry.precision
    return getattr(entry, "external_id" if column == "externalid" else column)


def _read_cell(record: StoredRecord, column: str) -> Any:
    """Return a record's value for a column: a derived value, or the field of that name."""
    special = _SPECIAL.get(column)
    if special is not None:
        return special(record)
    names = {name.lower(): name for name in record.fields}
    return _format_cell(record.fields.get(names.get(column, "")))


def _format_cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        inner = value.get("id")
        return None if isinstance(inner, Mapping | list) else inner
    if isinstance(value, bool):
        return _format_flag(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return format_as_written(value) if is_number(value) else str(value) if value else None


def _format_flag(value: object) -> str:
    return "T" if value is True else "F"


def _read_status(record: StoredRecord) -> Any:
    status = record.fields.get("status") or record.fields.get("orderStatus")
    return _format_cell(status)


_SPECIAL: Mapping[str, Callable[[StoredRecord], Any]] = {
    "id": lambda record: record.id,
    "type": lambda record: record.kind.code,
    "recordtype": lambda record: record.kind.record.lower(),
    "status": _read_status,
    "foreigntotal": lambda record: _format_cell(
        record.fields.get("total", record.fields.get("payment"))
    ),
    "isperson": lambda record: _format_flag(record.fields.get("isPerson")),
    "isinactive": lambda record: _format_flag(record.fields.get("isInactive")),
    "entity": lambda record: _format_cell(record.fields.get(record.kind.customer)),
}
