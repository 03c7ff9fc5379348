"""The two databases of a journal: what is promised of deliveries is tested on both."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postgres_server import ask, database


@dataclass(frozen=True)
class Journal:
    """The address of a journal, how it is queried, and the file for what its service writes."""

    url: str
    log: Path
    rows: Callable[[str], list[tuple[Any, ...]]]


def journal_at(path: Path) -> Journal:
    """The journal in a file of SQLite, there already or not."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(path, timeout=10) as connection:
            return connection.execute(query).fetchall()

    return Journal(f"sqlite:///{path}", path.with_suffix(".log"), rows)


@contextmanager
def _sqlite(folder: Path) -> Iterator[Journal]:
    yield journal_at(folder / "journal.db")


@contextmanager
def _postgresql(folder: Path) -> Iterator[Journal]:
    with database() as url:
        yield Journal(url, folder / "journal.log", lambda query: ask(url, query))


# By the name of the database: opens an empty journal, with a folder for its files.
JOURNALS: dict[str, Callable[[Path], AbstractContextManager[Journal]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
