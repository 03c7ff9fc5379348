"""What the account has stored: every record with its lines and totals, and how often it was created.

The one place with state. Whoever changes it has checked everything before: a request that is refused
leaves nothing behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .kinds import RecordGroup, RecordKind

Fields = Mapping[str, Any]
_FIRST_ID = 1001


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as stored: canonical names, references as `{"id": …}`, sublists as lists of lines.

    `given` are the item lines before anything was computed for them. `taken_over` is what other
    records were made of: a quantity, by what was done and the line (`billed 3`).
    """

    kind: RecordKind
    id: str
    fields: Fields
    sublists: Mapping[str, tuple[Fields, ...]] = field(default_factory=dict)
    given: tuple[Fields, ...] = ()
    taken_over: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def external_id(self) -> str | None:
        """The external id, if it has one."""
        return self.fields.get("externalId")

    @property
    def lines(self) -> tuple[Fields, ...]:
        """The lines of the item sublist, in their order."""
        return self.sublists.get("item", ())

    def document(self) -> dict[str, Any]:
        """The record as plain data; numbers stay exact."""
        lines = {name: [dict(line) for line in found] for name, found in self.sublists.items()}
        return {"record": self.kind.record, "id": self.id, **self.fields, **lines}


class Ledger:
    """All records of an account, by id, and their external ids by group."""

    def __init__(self) -> None:
        self._records: dict[str, StoredRecord] = {}
        self._external_ids: dict[tuple[RecordGroup, str], str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._next = _FIRST_ID
        self._numbers: Counter[str] = Counter()
        self.created: Counter[tuple[str, str]] = Counter()
        self.changed: set[str] = set()

    def issue_id(self) -> str:
        """An internal id that no record has had."""
        self._next += 1
        return str(self._next - 1)

    def issue_number(self, kind: RecordKind) -> str:
        """The next number of a type: SO1, then SO2."""
        self._numbers[kind.record] += 1
        return f"{kind.prefix}{self._numbers[kind.record]}"

    def create(self, record: StoredRecord) -> None:
        """Store a record that is new."""
        self.created[record.kind.record, record.external_id or f"#{record.id}"] += 1
        self.put(record)

    def put(self, record: StoredRecord) -> None:
        """Store a record in place of the one with its id."""
        self.forget(record.id)
        self._records[record.id] = record
        if record.external_id is not None:
            self._external_ids[record.kind.group, record.external_id] = record.id
        if "entityId" in record.fields:
            self._names[record.kind.record, record.fields["entityId"]] = record.id

    def forget(self, id_: str) -> None:
        """Remove a record, if it is there."""
        self.changed.add(id_)
        former = self._records.pop(id_, None)
        if former is not None and former.external_id is not None:
            del self._external_ids[former.kind.group, former.external_id]
        if former is not None and "entityId" in former.fields:
            del self._names[former.kind.record, former.fields["entityId"]]

    def find_by_id(self, id_: str, kind: RecordKind | None = None) -> StoredRecord | None:
        """The record with an internal id; of another type than `kind` it does not count."""
        found = self._records.get(id_)
        return found if found and kind in (None, found.kind) else None

    def find_by_external_id(self, group: RecordGroup, external_id: str) -> StoredRecord | None:
        """The record of a group that has the external id."""
        return self._records.get(self._external_ids.get((group, external_id), ""))

    def find_by_name(self, kind: RecordKind, name: str) -> StoredRecord | None:
        """The entity of a type that is called so (`entityId`)."""
        return self._records.get(self._names.get((kind.record, name), ""))

    def list_records(self, kind: RecordKind) -> Iterator[StoredRecord]:
        """The records of a type, in the order of their ids."""
        return iter(
            sorted((one for one in self._records.values() if one.kind == kind), key=_numeric_id)
        )

    def transactions(self) -> tuple[StoredRecord, ...]:
        """All transactions, in the order of their ids."""
        found = (one for one in self._records.values() if one.kind.group is RecordGroup.TRANSACTION)
        return tuple(sorted(found, key=_numeric_id))

    def document(self) -> dict[str, Any]:
        """Everything as plain data: `{"records": […]}`, each with `created`, how often it was."""
        return {
            "records": [
                one.document()
                | {"created": self.created[one.kind.record, one.external_id or f"#{one.id}"]}
                for one in sorted(self._records.values(), key=_numeric_id)
            ]
        }


def _numeric_id(record: StoredRecord) -> int:
    return int(record.id)
