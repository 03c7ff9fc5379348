"""Empties SQLite's write-ahead log, so that erased data is in no file of the journal any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ..findings.errors import JournalError

_SECONDS = 10.0


def empty_log(file: Path, seconds: float = _SECONDS) -> bool:
    """Write the log into the journal's file and empty it; False while another process reads from it.

    It waits so many seconds for the other process. Deleted rows are overwritten in the file (`secure_delete`), but the log has their pages until then.
    Raise JournalError.
    """
    try:
        with closing(sqlite3.connect(file, timeout=seconds)) as connection:
            is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise JournalError(f"the journal's log cannot be emptied: {error}") from error
    return not is_busy
