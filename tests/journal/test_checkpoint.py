"""What was deleted is in no file of a journal with a write-ahead log, once the log is emptied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from engine.journal.checkpoint import empty_log


def test_what_is_deleted_is_in_no_file_unless_another_process_reads(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"

    def is_there() -> bool:
        return any(b"ann@example.com" in one.read_bytes() for one in tmp_path.iterdir())

    with (
        closing(sqlite3.connect(file, isolation_level=None)) as writer,
        closing(sqlite3.connect(file, isolation_level=None)) as reader,
    ):
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA secure_delete=ON",
            "CREATE TABLE events (document TEXT)",
            "INSERT INTO events VALUES ('ann@example.com')",
        ):
            writer.execute(statement)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchall()
        writer.execute("DELETE FROM events")
        assert not empty_log(file, seconds=0)
        assert is_there()
        reader.execute("ROLLBACK")
        assert empty_log(file)
        assert not is_there()
