"""Nobody but its owner reads a journal on SQLite."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal.database import open_journal
from engine.service.process_lock import lock_journal


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.usefixtures("umask")
def test_all_files_of_a_journal_are_its_owners(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    with lock_journal(url), open_journal(url):
        found = modes(tmp_path)
    assert {"journal.db", "journal.db.lock"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_an_older_journal_is_made_private_with_what_is_beside_it(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    for name in ("journal.db", "journal.db.lock", "journal.db-shm"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    with open_journal(f"sqlite:///{journal}"):
        assert set(modes(tmp_path).values()) == {0o600}
