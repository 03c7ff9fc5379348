"""The journal's tables. The same on SQLite and PostgreSQL.

Times are whole milliseconds since 1970, UTC. Documents are compressed JSON (`pack`). Values that an
operator filters by have columns of their own; all others are in documents.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
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

from .dialects import SQLITE

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly this type.
_ID = BigInteger().with_variant(Integer, SQLITE)

# An event: `digest` is that of its payload, `arrivals` counts how often it came.
EVENTS = Table(
    "events",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    # The order number that people know; null in rows of earlier versions.
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

# A delivery that was started so often without an end has crashed its processes and is parked. One that
# was started once less is a suspect: it runs alone, so that no other delivery is blamed for a crash.
POISON_STARTS = 3
SUSPECT_STARTS = POISON_STARTS - 1
SUSPECT = text(f"starts >= {SUSPECT_STARTS}")

# One event in one mapping on its way to the ledger. Events of the same `identity` share a delivery.
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
    # Only of a waiting delivery; one that is held behind another of its order has none.
    Column("due_at", BigInteger),
    # Claims since an attempt last ended: a poison event crashes its process.
    Column("starts", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    # The names of the records that an attempt may have written without an answer: JSON.
    Column("doubts", Text, nullable=False, server_default="[]"),
    # For each retry rule the number of waits and the time of the first: JSON.
    Column("waited", Text, nullable=False),
    Column("posted", Text, nullable=False),
    # Inputs of attempts before this time are not used again: an operator has requested new ones.
    Column("anew_at", BigInteger),
    Column("holder", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    UniqueConstraint("tenant", "mapping", "event_name", "identity"),
    Index(None, "state", "tenant", "due_at"),
    # Suspects are few, and searched for often.
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

# One attempt. `pinned` has its sources and lookups, stored before it writes.
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

# How a new version of a mapping compares with the live one for an event; it posted nothing. `shadow`
# and `live` are versions; `shadow` is empty where none could run. `document` has the differences,
# with values of the order.
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

# Changes by operators.
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

# The texts of all files that a version of a mapping was loaded from.
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

# Heartbeats of the processes that share the journal; a lease lasts until `until`.
HOLDERS = Table(
    "holders",
    METADATA,
    Column("holder", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

# The current allowance of an account of the ledger: lower than configured after it throttled.
ALLOWANCES = Table(
    "allowances",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("cap", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# Each process's lease on a part of an allowance: concurrent requests `held`, and `wanted`.
SHARES = Table(
    "shares",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("held", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
)
