"""A database of PostgreSQL for a test, made and dropped; loudly none where no server is reachable."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

SERVER = os.environ.get("ERPMAP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
_NONE = f"no PostgreSQL answers at {SERVER}: what needs one was NOT tested (ERPMAP_TEST_POSTGRES)"


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database. Without a server the test is skipped; in CI it fails."""
    name = f"erpmap_test_{uuid.uuid4().hex[:12]}"
    try:
        ask(f"{SERVER}/postgres", f"create database {name}")
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            pytest.fail(_NONE)
        pytest.skip(_NONE)
    try:
        yield f"{SERVER}/{name}"
    finally:
        ask(f"{SERVER}/postgres", f"drop database {name} with (force)")


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []
