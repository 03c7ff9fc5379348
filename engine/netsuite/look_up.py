"""Looks up whether a record exists in NetSuite, over the whole group of its type.

All transactions of an account share one space of external ids, all entities another one
(netsuite.md §1.3): an id in use by another type of transaction is not found by reading this type.
Transactions are therefore looked up by SuiteQL first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..mapping.lookups import INACTIVE
from ..run.ledger import Answer, Verdict, error_of
from .client import NetSuite
from .external_ids import safe_id
from .record_groups import is_transaction
from .suiteql import fill_query, read_comparisons

_ID = re.compile(r"[0-9]{1,20}")
_TYPE = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_TRANSACTION = (
    "SELECT id, externalid, recordtype FROM transaction WHERE externalid = {external_id}"
    " ORDER BY id ASC"
)


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that has the external id: its type in lower case, its internal id, its document.

    `document` is None for another type than the one looked up, and for a record that cannot be read.
    """

    record: str
    id: str
    document: Mapping[str, object] | None


async def look_up(
    netsuite: NetSuite, record: str, external_id: str, *, reads_too: bool = False
) -> FoundRecord | None:
    """Return the record with an external id, of any type of the group. Raise LedgerError.

    With `reads_too`, a transaction that SuiteQL does not show is also read by its external id: a search
    shows a record some seconds after it was written, a read at once.
    """
    kind = record.lower()
    if not is_transaction(record):
        return _found_by_read(kind, await netsuite.read_external(record, external_id))
    for type_, id_ in await _list_transactions(netsuite, kind, external_id):
        document = await netsuite.read(record, id_) if type_ == kind else None
        return FoundRecord(type_, id_, document)
    if not reads_too:
        return None
    return _found_by_read(kind, await netsuite.read_external(record, external_id))


async def find_id(netsuite: NetSuite, record: str, external_id: str) -> str | None:
    """Return the internal id of the record of exactly this type; None without one. Raise LedgerError.

    For the origin of a transform and the target of an update: a transaction is looked up by SuiteQL
    first, and read by its external id only when the search does not show it.
    """
    kind = record.lower()
    if is_transaction(record):
        for type_, id_ in await _list_transactions(netsuite, kind, external_id):
            return id_ if type_ == kind else None
    found = await netsuite.read_external(record, external_id)
    return None if found is None else read_internal_id(found.get("id"))


async def _list_transactions(
    netsuite: NetSuite, kind: str, external_id: str
) -> list[tuple[str, str]]:
    """Return type and id of the transactions with an external id, those of the type `kind` first."""
    stored_id = safe_id(external_id)
    query = fill_query(_TRANSACTION, {"external_id": stored_id})
    rows = await netsuite.rows(query, {"externalid": stored_id})
    found = [(_read_type(row), read_internal_id(row.get("id"))) for row in rows]
    return sorted(found, key=lambda entry: entry[0] != kind)


async def run_find(
    netsuite: NetSuite, query: str, values: Mapping[str, object]
) -> list[dict[str, object]]:
    """Return the rows of a mapping's `find`, those of inactive records left out. Raise LedgerError.

    A row that holds another value in a column that the query compares answers another query. Raise
    ExpressionError for a value that fits no query.
    """
    rows = await netsuite.rows(fill_query(query, values), read_comparisons(query, values))
    return [row for row in rows if row.get(INACTIVE) != "T"]


def is_inactive(document: Mapping[str, object]) -> bool:
    """Whether a record that was read is inactive: NetSuite refuses it in new transactions."""
    value = next((value for name, value in document.items() if name.lower() == INACTIVE), None)
    return value is True or value == "T"


def read_earlier_ids(details: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the external ids that earlier integrations gave a record, by name (`earlier`)."""
    earlier = details.get("earlier")
    found = earlier.items() if isinstance(earlier, Mapping) else ()
    return tuple((str(name), str(id_)) for name, id_ in found)


def _read_type(row: Mapping[str, object]) -> str:
    """Return the record type in a row, in lower case. Raise LedgerError for anything else."""
    text = str(row.get("recordtype", ""))
    if not _TYPE.fullmatch(text):
        words = "NetSuite's answer holds no record type where one belongs"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return text.lower()


def read_internal_id(value: object) -> str:
    """Return an id as text: digits, as a text or a number. Raise LedgerError for anything else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _ID.fullmatch(text):
        words = "NetSuite's answer holds no id where one belongs"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return text


def _found_by_read(record: str, document: Mapping[str, object] | None) -> FoundRecord | None:
    return (
        None
        if document is None
        else FoundRecord(record, read_internal_id(document.get("id")), document)
    )
