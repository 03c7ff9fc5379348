"""The address of a journal: what is not understood is refused, not passed over."""

from __future__ import annotations

import pytest

from engine.findings.errors import JournalError
from engine.journal.address import parse_address


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///erp?map.db",
        "sqlite:///erpmap.db?",
        "sqlite:///erpmap.db?mode=ro",
        "sqlite:///erpmap.db#old",
        "sqlite:///file:erpmap.db?uri=true",
        "sqlite:///erpmap.db\n",
        "sqlite://host/erpmap.db",
        "sqlite:///:memory:",
        "sqlite://",
        "sqlite+aiosqlite:///erpmap.db",
        "erpmap.db",
        "postgresql://u@h/d?sslmod=require",
        "postgresql://u@h/d?sslmode=",
        "postgresql://u@h/d?sslmode",
        "postgresql://u@h/d?password=secret",
        "postgresql://u@h/d?options=-cfsync%3Doff",
        "postgresql://u@h/d#x",
        "postgresql://u@h",
        "postgresql+asyncpg://u@h/d",
        "mysql://u@h/d",
    ],
)
def test_what_is_not_understood_is_refused(url: str) -> None:
    with pytest.raises(JournalError) as error:
        parse_address(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("sqlite:///erpmap.db", "erpmap.db"),
        ("sqlite:////var/lib/erp map.db", "/var/lib/erp map.db"),
        ("postgresql://u:p%23@h:5432/d?sslmode=verify-full&sslrootcert=/ca.pem", "d"),
        ("postgresql:///d?host=/run/postgresql", "d"),
    ],
)
def test_what_is_understood_is_taken(url: str, database: str) -> None:
    assert parse_address(url).database == database


def test_a_misspelt_option_is_told_with_what_may_be_meant() -> None:
    with pytest.raises(JournalError, match="did you mean"):
        parse_address("postgresql://u@h/d?sslmod=require")
