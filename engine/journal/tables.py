"""The journal's tables. The same on SQLite and PostgreSQL.

Moments are whole milliseconds since 1970, UTC. Documents are compressed JSON (`documents`). What
an operator filters by has columns of its own; the rest stands in documents.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# The dialects, by their names.
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_INSERT = {SQLITE: sqlite.insert, POSTGRESQL: postgresql.insert}


def insert_of(connection: Connection, table: Table) -> Any:
    """An insert that may say `on_conflict_…`: both dialects in the same words, of different types."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Any:
    """The same for a dialect by its name."""
    return _INSERT[dialect](table)


# SQLite counts rows up by itself only for a column of exactly this type.
_ID = BigInteger().with_variant(Integer, SQLITE)

# One row for each event that differs: `digest` is that of its payload, `arrivals` how often it came.
EVENTS = Table(
    "events",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    # Its number as people know it; none of events that came before this was written down.
    Column("order_shown", Text),
    Column("fate", Text, nullable=False),
    Column("reason", Text),
    Column("arrivals", Integer, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("document", LargeBinary),
    UniqueConstraint("tenant", "name", "digest"),
    Index(None, "tenant", "fate"),
    Index(None, "received_at"),
)

# Begun so often it has killed who worked at it; once less, it may have: it is taken up alone, so that
# the innocent are not blamed with it.
POISON_STARTS = 3
SUSPECT_STARTS = POISON_STARTS - 1
SUSPECT = text(f"starts >= {SUSPECT_STARTS}")

# One event in one mapping on its way to NetSuite. `identity` makes two events the same one.
DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("event_id", BigInteger, ForeignKey("events.id"), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("event_name", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    Column("order_shown", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("words", Text),
    Column("fingerprint", Text),
    # When it is due, of one that waits; none of one that is held behind another of its order.
    Column("due_at", BigInteger),
    # How often it was begun since an attempt last came to an end: a poison event kills the worker.
    Column("starts", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    # What attempts left open: something may have been written.
    Column("is_unsure", Boolean, nullable=False),
    # How often it waited by which retry rule, and since when: JSON.
    Column("waited", Text, nullable=False),
    Column("posted", Text, nullable=False),
    # What attempts before this moment were given is not used again: a person said so.
    Column("anew_at", BigInteger),
    Column("holder", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    UniqueConstraint("tenant", "mapping", "event_name", "identity"),
    Index(None, "state", "tenant", "due_at"),
    # The few that may have killed who worked at them are looked for again and again.
    Index(
        "ix_deliveries_suspects",
        "state",
        "tenant",
        "due_at",
        sqlite_where=SUSPECT,
        postgresql_where=SUSPECT,
    ),
    Index(None, "tenant", "order_key"),
    Index(None, "event_id"),
)

# One try. `pinned` are the sources and tables it was given, kept before anything is written.
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("holder", Text, nullable=False),
    Column("version", Text),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("state", Text),
    Column("reason", Text),
    Column("words", Text),
    Column("pinned", LargeBinary),
    Column("payloads", LargeBinary),
    Column("answers", LargeBinary),
    Column("steps", Text),
    Index(None, "delivery_id", "number"),
)

# What a new version of a mapping made of an event beside the live one; nothing of it was posted.
# `shadow` and `live` are versions, `shadow` is empty where none could run. `document` says in what
# they differ: it holds values of the order.
SHADOWS = Table(
    "shadows",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("event_id", BigInteger, ForeignKey("events.id"), nullable=False),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id")),
    Column("tenant", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("live", Text),
    Column("shadow", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("reason", Text),
    Column("document", LargeBinary),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("event_id", "mapping", "shadow"),
    Index(None, "tenant", "mapping", "shadow", "result"),
)

# What people did to a delivery: who, when, and the words they gave.
ACTS = Table(
    "acts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("words", Text),
    Index(None, "delivery_id"),
)

# What a version of a mapping was made of: the texts of all files its tenant was loaded from.
VERSIONS = Table(
    "versions",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("texts", LargeBinary, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    UniqueConstraint("tenant", "mapping", "version"),
)

# Processes that share the journal; `until` is when one is held to be gone.
HOLDERS = Table(
    "holders",
    METADATA,
    Column("holder", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

# How many requests at once a NetSuite account takes now: less than it may while it throttles.
ALLOWANCES = Table(
    "allowances",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("cap", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# Which process may have how many of them open until when, and how many it wants.
SHARES = Table(
    "shares",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("held", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
)
