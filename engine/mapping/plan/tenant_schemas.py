"""What queries and payloads are held against: a tenant's own snapshots, else what is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..record_schemas import RecordSchema, list_record_types, load_record_schema

if TYPE_CHECKING:
    from graphql import GraphQLSchema


@dataclass(frozen=True, slots=True)
class Schemas:
    """The snapshots of a tenant.

    `newstore` is None, and `records` has no entry, where what is shipped counts. A snapshot that
    cannot be used is `has_broken_newstore`, or None in `records`: nothing is held against it, because
    each mistake is told once, at its root.
    """

    newstore: GraphQLSchema | None = None
    has_broken_newstore: bool = False
    records: Mapping[str, RecordSchema | None] = field(default_factory=dict)

    def record(self, kind: str) -> RecordSchema | None:
        """The schema of a type of record; None when there is none, or it is broken."""
        return self.records[kind] if kind in self.records else load_record_schema(kind)

    def record_types(self) -> tuple[str, ...]:
        """The types of record that have a schema."""
        return tuple(sorted({*list_record_types(), *self.records}))
