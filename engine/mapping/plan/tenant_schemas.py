"""The schemas for queries and payloads: a tenant's own snapshots, else the bundled ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..record_schemas import RecordSchema, list_record_types, load_record_schema

if TYPE_CHECKING:
    from graphql import GraphQLSchema


# The key of the schema of an answer that has its REST path: `/v0/orders/{id}`.
PATH_KEY = "x-path"


@dataclass(frozen=True, slots=True)
class Documents:
    """A tenant's own JSON Schemas: of payloads by the name of the event, and of answers with their REST path."""

    events: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    answers: tuple[Mapping[str, object], ...] = ()


NO_DOCUMENTS = Documents()


@dataclass(frozen=True, slots=True)
class Schemas:
    """The snapshots of a tenant.

    `newstore` is None, and `records` has no entry, where the bundled schemas apply. For an unusable
    snapshot `has_broken_newstore` is true, or `records` has None: nothing is checked against it, because
    a mistake is reported once, at its root. `precision` are the decimal places of the account's
    currencies, `documents` the tenant's own schemas of events and answers.
    """

    newstore: GraphQLSchema | None = None
    has_broken_newstore: bool = False
    records: Mapping[str, RecordSchema | None] = field(default_factory=dict)
    precision: Mapping[str, int] = field(default_factory=dict)
    documents: Documents = NO_DOCUMENTS

    def record(self, kind: str) -> RecordSchema | None:
        """Return the schema of a record type; None when there is none, or it is broken."""
        return self.records[kind] if kind in self.records else load_record_schema(kind)

    def record_types(self) -> tuple[str, ...]:
        """Return the record types that have a schema."""
        return tuple(sorted({*list_record_types(), *self.records}))
