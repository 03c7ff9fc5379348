"""How many full-sync commits a second the database itself does, one row each."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def on_sqlite(folder: Path, rows: Sequence[bytes]) -> float:
    """One connection writing one row at a time, in the journal mode that the service uses."""
    with sqlite3.connect(folder / "raw.db", isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=TRUNCATE")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, row BLOB)")
        start = time.perf_counter()
        for row in rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO rows (row) VALUES (?)", (row,))
            connection.execute("COMMIT")
        return len(rows) / (time.perf_counter() - start)


def on_postgresql(url: str, rows: Sequence[bytes], connections: int = 8) -> float:
    """Eight connections, each writing one row at a time."""
    return asyncio.run(_on_postgresql(url, rows, connections))


async def _on_postgresql(url: str, rows: Sequence[bytes], connections: int) -> float:
    from psycopg import AsyncConnection  # noqa: PLC0415 - only who measures PostgreSQL has it

    waiting = iter(rows)
    opened = [await AsyncConnection.connect(url, autocommit=True) for _ in range(connections)]
    await opened[0].execute("CREATE TABLE raw_rows (id bigserial PRIMARY KEY, row bytea)")

    async def write(connection: Any) -> None:
        for row in waiting:
            await connection.execute("INSERT INTO raw_rows (row) VALUES (%s)", (row,))

    start = time.perf_counter()
    await asyncio.gather(*map(write, opened))
    seconds = time.perf_counter() - start
    for connection in opened:
        await connection.close()
    return len(rows) / seconds
