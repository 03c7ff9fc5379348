"""The journal's database: a file of SQLite or a database of PostgreSQL, opened and migrated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError

from ..findings.errors import JournalError
from .address import parse_address
from .dialects import POSTGRESQL, SQLITE
from .private_file import protect_journal
from .writer import Writer

# The first versions, by release line, in which SQLite never resets a write-ahead log that is read.
_SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
_BUSY_MILLISECONDS = 5_000
# SQLite has one writer at a time. With two threads PostgreSQL stores a tenth to a third more events.
_THREADS = {SQLITE: 1, POSTGRESQL: 2}
# The server ends a transaction that is idle for so long: a frozen process must not keep its locks.
_FROZEN_SECONDS = 10
# Options of psycopg that detect a broken connection within some 15 seconds.
KEEPALIVE: Mapping[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "connect_timeout": 10,
}
_EXTRA = "PostgreSQL needs an extra: pip install 'erpmap[postgres]'"
_MIGRATION_LOCK = 6_571_773  # any number that no other program locks in this database
_MIGRATIONS = Path(__file__).with_name("migrations")


def open_journal(url: str) -> Writer:
    """Open the journal at `sqlite:///FILE` or `postgresql://…` and migrate its tables.

    Close it, or use it in a `with` statement. Raise JournalError when it cannot be used: there is no
    such database, the file is damaged, the tables are newer than this program.
    """
    engine = _create_engine(url)
    try:
        with engine.connect() as connection:
            _migrate(connection)
    except CommandError:
        engine.dispose()
        raise JournalError("the journal was written by a newer version of erpmap") from None
    except DBAPIError as error:
        engine.dispose()
        raise JournalError(f"the journal cannot be used: {_message(error)}") from error
    return Writer(engine, threads=_THREADS[engine.dialect.name])


def journal_file(url: str) -> Path | None:
    """The file of a journal on SQLite, else None. Raise JournalError for a malformed address."""
    parsed = parse_address(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == SQLITE else None


def is_shared(url: str) -> bool:
    """Whether several processes can open the journal. Raise JournalError for a malformed address."""
    return bool(parse_address(url).get_backend_name() == POSTGRESQL)


def _create_engine(url: str) -> Engine:
    parsed = parse_address(url)
    if parsed.get_backend_name() == POSTGRESQL:
        try:
            shared = create_engine(
                parsed,
                pool_pre_ping=True,
                pool_size=8,
                hide_parameters=True,
                connect_args={**KEEPALIVE},
            )
        except ModuleNotFoundError:
            raise JournalError(_EXTRA) from None
        event.listen(shared, "connect", _set_timeout)
        return shared
    protect_journal(Path(str(parsed.database)))
    engine = create_engine(
        parsed, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}, hide_parameters=True
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """Every commit reaches the disk before it returns; the driver starts no transactions itself."""
    connection.isolation_level = None
    wal = any(version <= sqlite3.sqlite_version_info for version in _SAFE_WAL[:1]) or any(
        version[:2] == sqlite3.sqlite_version_info[:2] and version <= sqlite3.sqlite_version_info
        for version in _SAFE_WAL[1:]
    )
    for pragma in (
        f"journal_mode={'WAL' if wal else 'TRUNCATE'}",
        "synchronous=FULL",
        "foreign_keys=ON",
        # Deleted content is overwritten in the file.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _set_timeout(connection: Any, _record: object) -> None:
    """Limit how long a transaction may be idle."""
    connection.execute(f"SET idle_in_transaction_session_timeout = '{_FROZEN_SECONDS}s'")
    connection.commit()


def _begin(connection: Connection) -> None:
    # A transaction that reads before it writes would fail if another process wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _locked(connection):
        command.upgrade(config, "head")


@contextmanager
def _locked(connection: Connection) -> Iterator[None]:
    """Of processes that start together on PostgreSQL one migrates, and the others wait."""
    if connection.dialect.name != POSTGRESQL:
        yield
        return
    connection.execute(select(func.pg_advisory_lock(_MIGRATION_LOCK)))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(_MIGRATION_LOCK)))
        connection.commit()


def _message(error: DBAPIError) -> str:
    """The first line of the database's message, which quotes no row."""
    return str(error.orig).splitlines()[0][:200] if str(error.orig) else type(error).__name__


def check_writable(connection: Connection) -> None:
    """Write a row that every journal has, without a change. Raise what any other write would."""
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
