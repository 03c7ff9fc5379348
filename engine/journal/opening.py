"""A journal opened: a file of SQLite or a database of PostgreSQL, brought to the newest tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ..findings.errors import JournalError
from .tables import POSTGRESQL, SQLITE
from .writer import Writer

_DRIVERS = {SQLITE: "sqlite+pysqlite", POSTGRESQL: "postgresql+psycopg"}
# Write-ahead logs of other versions can be reset while they are read (design §6).
_SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
_BUSY_MILLISECONDS = 5_000
_THREADS = {SQLITE: 1, POSTGRESQL: 2}
# A process frozen within a transaction holds locks that others wait for: the server ends it then.
_FROZEN_SECONDS = 10
# A connection that is cut without a word is noticed after some 15 seconds.
ALIVE: Mapping[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "connect_timeout": 10,
}
_MIGRATING = 6_571_773  # any number that nobody else locks in this database
_MIGRATIONS = Path(__file__).with_name("migrations")


def open_journal(url: str) -> Writer:
    """The journal at `sqlite:///FILE` or `postgresql://…`, its tables made or migrated.

    Raise JournalError when it cannot be used: no such database, a damaged file, newer tables.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            _migrate(connection)
    except CommandError:
        engine.dispose()
        raise JournalError("the journal was written by a newer version of erpmap") from None
    except DBAPIError as error:
        engine.dispose()
        raise JournalError(f"the journal cannot be used: {_words(error)}") from error
    return Writer(engine, threads=_THREADS[engine.dialect.name])


def file_of(url: str) -> Path | None:
    """The file of a journal on SQLite. Raise JournalError for what is no address of a journal."""
    parsed = _parsed(url)
    return Path(parsed.database) if parsed.get_backend_name() == SQLITE else None


def is_shared(url: str) -> bool:
    """Whether many processes can have the journal open. Raise JournalError for no address of one."""
    return bool(_parsed(url).get_backend_name() == POSTGRESQL)


def _parsed(url: str) -> Any:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend = ""
    if backend not in _DRIVERS or not parsed.database or parsed.database == ":memory:":
        raise JournalError("a journal is sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    return parsed.set(drivername=_DRIVERS[backend])


def _engine(url: str) -> Engine:
    parsed = _parsed(url)
    if parsed.get_backend_name() == POSTGRESQL:
        shared = create_engine(
            parsed, pool_pre_ping=True, pool_size=8, hide_parameters=True, connect_args={**ALIVE}
        )
        event.listen(shared, "connect", _bound)
        return shared
    engine = create_engine(
        parsed, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Every commit is on the disk before it is told; the driver leaves transactions to us."""
    connection.isolation_level = None
    wal = any(version <= sqlite3.sqlite_version_info for version in _SAFE_WAL[:1]) or any(
        version[:2] == sqlite3.sqlite_version_info[:2] and version <= sqlite3.sqlite_version_info
        for version in _SAFE_WAL[1:]
    )
    for pragma in (
        f"journal_mode={'WAL' if wal else 'TRUNCATE'}",
        "synchronous=FULL",
        "foreign_keys=ON",
        # What is erased is overwritten in the file.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _bound(connection: Any, _record: object) -> None:
    """No transaction stays open for the sake of a process that does not go on."""
    connection.execute(f"SET idle_in_transaction_session_timeout = '{_FROZEN_SECONDS}s'")
    connection.commit()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could find that somebody wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _alone(connection):
        command.upgrade(config, "head")


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Of processes that start together on PostgreSQL one makes the tables, and the others wait."""
    if connection.dialect.name != POSTGRESQL:
        yield
        return
    connection.execute(select(func.pg_advisory_lock(_MIGRATING)))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(_MIGRATING)))
        connection.commit()


def _words(error: DBAPIError) -> str:
    """What the database says of itself; it quotes no row of ours."""
    return str(error.orig).splitlines()[0][:200] if str(error.orig) else type(error).__name__


@contextmanager
def opened(url: str) -> Iterator[Writer]:
    """A journal while the block runs."""
    journal = open_journal(url)
    try:
        yield journal
    finally:
        journal.close()
