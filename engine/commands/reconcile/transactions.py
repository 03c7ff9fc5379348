"""Fetches transactions of NetSuite, by external ids or by the beginning of external ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ...documents.exact import to_decimal
from ...netsuite import NetSuite, fill_query, format_literal
from ...netsuite.look_up import read_internal_id

# Oracle accepts a thousand values in a list; half keeps the query's text short.
IDS_PER_QUERY = 500
_COLUMNS = "id, externalid, recordtype, foreigntotal, TO_CHAR(trandate, 'YYYY-MM-DD') AS day"
_WITH_IDS = f"SELECT {_COLUMNS} FROM transaction WHERE externalid IN "  # noqa: S608 - values are literals of suiteql.py
_OF_DAY = (
    f"SELECT {_COLUMNS} FROM transaction WHERE externalid LIKE {{beginning}}"  # noqa: S608 - the same
    " AND trandate >= TO_DATE({day}, 'YYYY-MM-DD') AND trandate < TO_DATE({next}, 'YYYY-MM-DD')"
    " ORDER BY id ASC"
)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as SuiteQL lists it. `record` is its type in lower case, `day` its date."""

    id: str
    external_id: str
    record: str
    total: Decimal | None
    day: str


async def fetch_by_external_ids(
    netsuite: NetSuite, external_ids: Sequence[str]
) -> dict[str, list[Transaction]]:
    """Return the transactions with one of these external ids, by external id. Raise LedgerError."""
    found: dict[str, list[Transaction]] = {}
    for start in range(0, len(external_ids), IDS_PER_QUERY):
        listed = ", ".join(map(format_literal, external_ids[start : start + IDS_PER_QUERY]))
        for transaction in _read_transactions(
            await netsuite.rows(f"{_WITH_IDS}({listed}) ORDER BY id ASC")
        ):
            found.setdefault(transaction.external_id, []).append(transaction)
    return found


async def fetch_by_prefix(
    netsuite: NetSuite, prefix: str, first: date, last: date
) -> list[Transaction]:
    """Return the transactions of some days whose external ids begin with the prefix. Raise LedgerError.

    Each day has a query of its own, because a query returns at most 100,000 rows (netsuite.md §4).
    """
    found: list[Transaction] = []
    day = first
    while day <= last:
        following = day + timedelta(days=1)
        values = {
            "beginning": f"{prefix}%",
            "day": day.isoformat(),
            "next": following.isoformat(),
        }
        rows = _read_transactions(await netsuite.rows(fill_query(_OF_DAY, values)))
        # In LIKE a `_` of the prefix matches any character.
        found += [transaction for transaction in rows if transaction.external_id.startswith(prefix)]
        day = following
    return found


def _read_transactions(rows: Iterable[Mapping[str, object]]) -> list[Transaction]:
    return [
        Transaction(
            id=read_internal_id(row.get("id")),
            external_id=str(row.get("externalid", "")),
            record=str(row.get("recordtype", "")).lower(),
            total=to_decimal(row.get("foreigntotal")),
            day=str(row.get("day", "?")),
        )
        for row in rows
    ]
