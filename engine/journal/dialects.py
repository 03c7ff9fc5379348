"""Where SQLite and PostgreSQL differ: inserts that may conflict, the clock, locks, texts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite

# The names of the dialects in SQLAlchemy.
SQLITE, POSTGRESQL = "sqlite", "postgresql"

_INSERT = {SQLITE: sqlite.insert, POSTGRESQL: postgresql.insert}
_CLOCK = text("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
# Sorted, so that two transactions that lock the same orders wait for each other and do not deadlock.
_LOCK_ORDERS = text(
    "select pg_advisory_xact_lock(number) from"
    " (select distinct hashtextextended(key, 0) as number from unnest(cast(:keys as text[])) as key"
    " order by number) as numbers"
)
# PostgreSQL stores no NUL in a text, and neither database stores half of a surrogate pair.
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def insert_into(connection: Connection, table: Table) -> Any:
    """An insert that has `on_conflict_…` methods; Any, because each dialect has its own type."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Any:
    """The same for the name of a dialect."""
    return _INSERT[dialect](table)


def read_database_clock(connection: Connection) -> int:
    """The database's time in milliseconds since 1970; on SQLite it is the machine's."""
    if connection.dialect.name == SQLITE:
        return time.time_ns() // 1_000_000
    now: int = connection.execute(_CLOCK).scalar_one()
    return now


def lock_orders(connection: Connection, orders: Iterable[tuple[str, str]]) -> None:
    """Lock orders (tenant, key) until the transaction ends; on SQLite the whole file is locked.

    Deliveries of an order are begun and released under this lock. Without it a delivery could be
    held behind one that ends at the same time, and would stay held.
    """
    keys = [f"{tenant}\n{key}" for tenant, key in orders]
    if keys and connection.dialect.name == POSTGRESQL:
        connection.execute(_LOCK_ORDERS, {"keys": keys})


def is_storable(value: str) -> bool:
    """Whether both databases store this text unchanged."""
    return _NOT_STORABLE.search(value) is None


def escape_text(value: str) -> str:
    """The text with JSON escapes for characters that not every database stores."""
    return _NOT_STORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
