"""A plan: one mapping of one tenant, compiled, ready to run on any number of orders.

Plain immutable data. Expressions keep the scalar that they were written in, so that
a finding has the place where the author wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...documents.money import LEDGER_PLACES
from ...findings.diagnostics import Place
from ...language.paths import Path
from ...language.templates import Template
from ..files.nodes import Scalar
from ..lookups import Columns, Options, Table
from ..record_schemas import RecordSchema
from .selection import Selection


@dataclass(frozen=True, slots=True)
class PathAt:
    """A JMESPath and the scalar it was written in."""

    path: Path
    at: Scalar


@dataclass(frozen=True, slots=True)
class TemplateAt:
    """A template or bare expression and the scalar it was written in."""

    template: Template
    at: Scalar


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written in the YAML; `at` is its scalar, if it was written for a payload."""

    value: object
    at: Scalar | None = None


@dataclass(frozen=True, slots=True)
class BodyMap:
    """A map in a payload; entries whose value is `omit` are left out. `keys` are as written."""

    entries: tuple[tuple[str, Body], ...]
    keys: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyList:
    """A list in a payload; items that are `omit` are left out."""

    items: tuple[Body, ...]


Body = Literal | TemplateAt | BodyMap | BodyList


@dataclass(frozen=True, slots=True)
class Trigger:
    """The events that a mapping accepts, and the identity by which duplicates are found."""

    event: str
    when: PathAt | None
    identity: PathAt | None


@dataclass(frozen=True, slots=True)
class Source:
    """A document to fetch: by a GraphQL query (`selection` is its shape) or a REST path.

    `query_at` is the scalar of the query.
    """

    name: str
    at: Scalar
    graphql: str | None
    query_at: Scalar | None
    selection: Selection | None
    rest: TemplateAt | None
    variables: tuple[tuple[str, PathAt], ...]
    select: PathAt | None
    when: PathAt | None
    absent: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition to wait for; `otherwise` names the retry rule."""

    name: str
    check: PathAt
    otherwise: str


@dataclass(frozen=True, slots=True)
class Field:
    """One value extracted by a path; `at` is the key that defines it, `type_at` the scalar of its type."""

    name: str
    at: Scalar
    path: PathAt
    type: str | None
    optional: bool
    default: Literal | None
    type_at: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Another list whose elements join an entry where `on` gives the same key."""

    name: str
    source: PathAt
    on: PathAt


@dataclass(frozen=True, slots=True)
class Value:
    """One value computed by a template; `at` is the key that defines it, `type_at` the scalar of its type."""

    name: str
    at: Scalar
    template: TemplateAt
    type: str | None
    optional: bool
    type_at: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    """A list field: for each element of `each`, its fields and then its values."""

    name: str
    at: Scalar
    each: PathAt
    joins: tuple[Join, ...]
    fields: tuple[Field, ...]
    values: tuple[Value, ...]
    optional: bool
    default: Literal | None


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a field."""

    name: str
    when: PathAt | None
    field: Field | Entries


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field with several options; the first whose `when` is true is used."""

    name: str
    at: Scalar
    options: tuple[Option, ...]


AnyField = Field | Entries | FieldChoice


@dataclass(frozen=True, slots=True)
class Lines:
    """A group of lines; `after` are groups that directly follow each line."""

    name: str
    at: Scalar
    variable: str | None
    entries: TemplateAt | None
    condition: TemplateAt | None
    sign: int
    body: Body
    after: tuple[Lines, ...]


@dataclass(frozen=True, slots=True)
class Find:
    """A SuiteQL query with `{name}` in place of values; each is a dotted name in scope."""

    text: str
    parameters: tuple[tuple[str, TemplateAt], ...]


@dataclass(frozen=True, slots=True)
class TransformOrigin:
    """The record that a transform starts from; by id or by external id."""

    record: str
    id: TemplateAt | None
    external_id: TemplateAt | None


@dataclass(frozen=True, slots=True)
class Record:
    """One NetSuite record to write; `schema` is the schema of its type, if that is known.

    `earlier` are the external ids from earlier integrations, by names for these.
    """

    name: str
    at: Scalar
    record: str
    schema: RecordSchema | None
    write: str
    condition: TemplateAt | None
    external_id: TemplateAt | None
    find: Find | None
    origin: TransformOrigin | None
    match: tuple[tuple[str, str], ...]
    landed: TemplateAt | None
    serialize: TemplateAt | None
    earlier: tuple[tuple[str, TemplateAt], ...]
    body: Body
    confirm: Body | None


@dataclass(frozen=True, slots=True)
class Check:
    """A rule for the finished payload of record `of`, by default of the last one written.

    It has terms with a sum, or two equal numbers, or a condition; `summary` is the author's
    description. If its numbers read lines, all lines must be in its record.
    """

    name: str
    at: Scalar
    of: str | None
    terms: tuple[tuple[str, TemplateAt | Literal], ...]
    sums_to: TemplateAt | Literal | None
    equal: tuple[TemplateAt | Literal, TemplateAt | Literal] | None
    holds: TemplateAt | None
    summary: str | None
    reads_lines: bool = False


@dataclass(frozen=True, slots=True)
class Audit:
    """What the files do not show of a record's amounts: it is audited with each order.

    `record` and `check` are names; `check` is None if no check counts amounts of the record. If every
    value of `leaves` is a single value, every value of `exact` has no more decimal places than its
    currency, and `is_open` is false, the audit finds nothing.
    """

    record: str
    check: str | None
    leaves: tuple[TemplateAt, ...]
    exact: tuple[TemplateAt | Literal, ...]
    is_open: bool


@dataclass(frozen=True, slots=True, eq=False)
class LiveLookup:
    """A lookup answered by NetSuite (SuiteQL) or AWS; each run receives its table.

    `cache` is in seconds; `columns` are those of the query's answer, None for a parameter.
    """

    name: str
    at: Scalar
    query: str | None
    parameter: str | None
    keys: PathAt | None
    cache: int | None
    options: Options
    columns: Columns | None


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What to do when a delivery does not succeed; durations in seconds."""

    name: str
    on: tuple[str, ...]
    respond: int
    wait: tuple[int, ...]
    limit: int | None
    then: str


@dataclass(frozen=True, slots=True)
class Retyped:
    """A field, value or setting to which an overlay gave another type; `earlier` names the files before it."""

    at: Place
    type: str
    earlier: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One mapping of one tenant, compiled.

    `places` are the decimal places of each currency in the ledger's account. `retyped` are the names
    that have another type by an overlay.
    `version` is a digest of everything that can change the outcome of an order: two plans of one
    version give the same outcome, except for the places of findings.
    """

    tenant: str
    name: str
    trigger: Trigger
    settings: Mapping[str, object]
    tenant_facts: Mapping[str, object]
    sources: tuple[Source, ...]
    conditions: tuple[Condition, ...]
    fields: tuple[AnyField, ...]
    values: tuple[Value, ...]
    tables: Mapping[str, Table]
    live_lookups: tuple[LiveLookup, ...]
    lines: tuple[Lines, ...]
    records: tuple[Record, ...]
    checks: tuple[Check, ...]
    retry: Mapping[str, RetryRule]
    version: str
    audits: tuple[Audit, ...] = ()
    places: Mapping[str, int] = field(default_factory=lambda: LEDGER_PLACES)
    retyped: Mapping[str, Retyped] = field(default_factory=dict)
