"""A page of an SQLite file, damaged for a while."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of SQLite's file format: the size of a page here, and where the counter of changes stands, twice.
_PAGE, _COUNTERS = 4096, (24, 92)


@contextmanager
def damaged(journal: Path, name: str) -> Iterator[None]:
    """Overwrite the root page of a table or an index, and put it back at the end."""
    with sqlite3.connect(journal) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        ((page,),) = connection.execute(query, (name,)).fetchall()
    with journal.open("rb") as file:
        file.seek((page - 1) * _PAGE)
        good = file.read(_PAGE)
    _overwrite(journal, page, b"\xa5" * _PAGE)
    yield
    _overwrite(journal, page, good)


def _overwrite(journal: Path, page: int, content: bytes) -> None:
    """Overwrite a page, and let whoever has the file open read it again."""
    with journal.open("r+b") as file:
        file.seek((page - 1) * _PAGE)
        file.write(content)
        for offset in _COUNTERS:
            file.seek(offset)
            count = int.from_bytes(file.read(4), "big")
            file.seek(offset)
            file.write((count + 1_000).to_bytes(4, "big"))
