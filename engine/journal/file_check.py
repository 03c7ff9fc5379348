"""Damage of the journal's file: pages of SQLite that are not as SQLite wrote them. PostgreSQL checks its own.

Each table is checked in a transaction of its own, so that a running service can write in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, text

from ..findings.errors import JournalError
from .dialects import SQLITE
from .tables import METADATA
from .writer import Writer

_INTACT = "ok"


@dataclass(frozen=True, slots=True)
class FileDamage:
    """A damaged table, in SQLite's words; with `is_index_only` all of its rows can be read."""

    table: str
    words: str
    is_index_only: bool

    @property
    def hint(self) -> str:
        """What to do."""
        if self.is_index_only:
            return 'no row is lost: make the indexes anew, with `sqlite3 FILE "REINDEX"`'
        return (
            "stop the service and keep a copy of the file; then restore a backup (`erpmap queue restored`),"
            " or make a new file of what can be read, with `sqlite3 FILE .recover | sqlite3 NEW`"
        )


def find_damage(journal: Writer) -> tuple[FileDamage, ...]:
    """Return the damaged tables of a journal on SQLite."""
    if journal.engine.dialect.name != SQLITE:
        return ()
    found = [_check_table(journal, table) for table in METADATA.sorted_tables]
    return tuple(damage for damage in found if damage is not None)


def _check_table(journal: Writer, table: Table) -> FileDamage | None:
    check = text(f"PRAGMA quick_check({table.name})")
    try:
        lines = journal.run_blocking(lambda c: [str(line) for line in c.scalars(check)])
    except JournalError as error:
        lines = [str(error)]
    if lines == [_INTACT]:
        return None
    words = " ".join(lines[-1].split())[:200]
    return FileDamage(table.name, words, _is_readable(journal, table))


def _is_readable(journal: Writer, table: Table) -> bool:
    """Whether all values of a table can be read without its indexes."""
    # The last character of a long value is on the last of its pages.
    values = ", ".join(f'max(substr("{column.name}", -1))' for column in table.columns)
    query = text(f'SELECT {values} FROM "{table.name}" NOT INDEXED')  # noqa: S608 - our own names
    try:
        journal.run_blocking(lambda c: c.execute(query).all())
    except JournalError:
        return False
    return True
