"""Looking whether a record stands in NetSuite already, over the whole group of its type.

All transactions of an account share one space of external ids, all entities another one
(netsuite.md §1.3): an id that another type of transaction has is not found by reading this type,
and is in use all the same. So transactions are looked for by SuiteQL first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..run.ledger import Answer, Verdict, error_of
from .client import NetSuite
from .external_ids import safe_id
from .suiteql import fill_query

ENTITIES = frozenset(("contact", "customer", "employee", "lead", "partner", "prospect", "vendor"))
_ITEMS = "item"
_ID = re.compile(r"[0-9]{1,20}")
_TYPE = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_TRANSACTION = "SELECT id, recordtype FROM transaction WHERE externalid = {external_id} ORDER BY id"


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that has the external id: its type in lower case, its internal id, all of it.

    `document` is None for another type than was looked for, and for what cannot be read.
    """

    record: str
    id: str
    document: Mapping[str, object] | None


async def look_up(netsuite: NetSuite, record: str, external_id: str) -> FoundRecord | None:
    """The record with an external id, of whatever type of the group. Raise LedgerError."""
    kind = record.lower()
    if kind in ENTITIES or kind.endswith(_ITEMS):
        return _found_by_read(kind, await netsuite.read_external(record, external_id))
    rows = await netsuite.rows(fill_query(_TRANSACTION, {"external_id": safe_id(external_id)}))
    found = [(_read_type(row), read_internal_id(row.get("id"))) for row in rows]
    for type_, id_ in sorted(found, key=lambda one: one[0] != kind):
        document = await netsuite.read(record, id_) if type_ == kind else None
        return FoundRecord(type_, id_, document)
    return None


def read_earlier_ids(details: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The external ids that earlier integrations gave a record, each with its name; see `earlier`."""
    earlier = details.get("earlier")
    found = earlier.items() if isinstance(earlier, Mapping) else ()
    return tuple((str(name), str(id_)) for name, id_ in found)


def _read_type(row: Mapping[str, object]) -> str:
    """The type of record in a row, in lower case. Raise LedgerError when it is none."""
    text = str(row.get("recordtype", ""))
    if not _TYPE.fullmatch(text):
        words = "NetSuite's answer names no type of record where one belongs"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return text.lower()


def read_internal_id(value: object) -> str:
    """An id as NetSuite gives them: digits, as a text or a number. Raise LedgerError for others."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _ID.fullmatch(text):
        words = "NetSuite's answer names no id where one belongs"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return text


def _found_by_read(record: str, document: Mapping[str, object] | None) -> FoundRecord | None:
    return (
        None
        if document is None
        else FoundRecord(record, read_internal_id(document.get("id")), document)
    )
