"""The journal on both databases: whoever asks for `journal_url` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import database

from engine.journal.database import open_journal
from engine.journal.writer import Writer


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'journal.db'}"
    else:
        with database() as url:
            yield url


@pytest.fixture
def journal(journal_url: str) -> Iterator[Writer]:
    with open_journal(journal_url) as one:
        yield one
