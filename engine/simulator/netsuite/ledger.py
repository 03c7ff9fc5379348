"""The stored records of an account with their lines and totals, and how often each was created.

The only module with state. Callers check everything before they change it: a refused request changes
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .kinds import RecordGroup, RecordKind

Fields = Mapping[str, Any]
_FIRST_ID = 1001


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as stored: canonical names, references as `{"id": …}`, sublists as lists of lines.

    `given` are the item lines before NetSuite computed anything. `taken_over` holds the quantities
    that transforms took from this record, by kind of transform and line (`billed 3`).
    """

    kind: RecordKind
    id: str
    fields: Fields
    sublists: Mapping[str, tuple[Fields, ...]] = field(default_factory=dict)
    given: tuple[Fields, ...] = ()
    taken_over: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def external_id(self) -> str | None:
        """The external id, or None."""
        return self.fields.get("externalId")

    @property
    def lines(self) -> tuple[Fields, ...]:
        """The lines of the item sublist, in their order."""
        return self.sublists.get("item", ())

    def document(self) -> dict[str, Any]:
        """Return the record as plain data; numbers stay exact."""
        lines = {name: [dict(line) for line in sublist] for name, sublist in self.sublists.items()}
        return {"record": self.kind.record, "id": self.id, **self.fields, **lines}


class SimulatedLedger:
    """All records of an account, by id, and their external ids by group.

    `changed` holds the moment of the last change of each record that `SearchIndex` has not read yet.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._records: dict[str, StoredRecord] = {}
        self._external_ids: dict[tuple[RecordGroup, str], str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._next = _FIRST_ID
        self._numbers: Counter[str] = Counter()
        self.created: Counter[tuple[str, str]] = Counter()
        self.changed: dict[str, float] = {}

    def issue_id(self) -> str:
        """Return an internal id that no record has had."""
        self._next += 1
        return str(self._next - 1)

    def issue_number(self, kind: RecordKind) -> str:
        """Return the next number of a type: SO1, then SO2."""
        self._numbers[kind.record] += 1
        return f"{kind.prefix}{self._numbers[kind.record]}"

    def create(self, record: StoredRecord) -> None:
        """Store a new record."""
        self.created[record.kind.record, record.external_id or f"#{record.id}"] += 1
        self.put(record)

    def put(self, record: StoredRecord) -> None:
        """Store a record in place of the one with the same id."""
        self.forget(record.id)
        self._records[record.id] = record
        if record.external_id is not None:
            self._external_ids[record.kind.group, record.external_id] = record.id
        if "entityId" in record.fields:
            self._names[record.kind.record, record.fields["entityId"]] = record.id

    def forget(self, id_: str) -> None:
        """Remove a record if it exists."""
        self.changed.setdefault(id_, self._clock())
        former = self._records.pop(id_, None)
        if former is not None and former.external_id is not None:
            del self._external_ids[former.kind.group, former.external_id]
        if former is not None and "entityId" in former.fields:
            del self._names[former.kind.record, former.fields["entityId"]]

    def find_by_id(self, id_: str, kind: RecordKind | None = None) -> StoredRecord | None:
        """Return the record with an internal id; None when there is none of the type `kind`."""
        found = self._records.get(id_)
        return found if found and kind in (None, found.kind) else None

    def find_by_external_id(self, group: RecordGroup, external_id: str) -> StoredRecord | None:
        """Return the record of a group with an external id, or None."""
        return self._records.get(self._external_ids.get((group, external_id), ""))

    def find_by_name(self, kind: RecordKind, name: str) -> StoredRecord | None:
        """Return the entity of a type with a name (`entityId`), or None."""
        return self._records.get(self._names.get((kind.record, name), ""))

    def transactions(self) -> tuple[StoredRecord, ...]:
        """Return all transactions in the order of their ids."""
        found = (
            record
            for record in self._records.values()
            if record.kind.group is RecordGroup.TRANSACTION
        )
        return tuple(sorted(found, key=_numeric_id))

    def document(self) -> dict[str, Any]:
        """Return all records as plain data: `{"records": […]}`, each with `created`, the number of creates."""
        return {
            "records": [
                record.document()
                | {
                    "created": self.created[
                        record.kind.record, record.external_id or f"#{record.id}"
                    ]
                }
                for record in sorted(self._records.values(), key=_numeric_id)
            ]
        }


def _numeric_id(record: StoredRecord) -> int:
    return int(record.id)
