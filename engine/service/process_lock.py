"""The lock that lets a single process serve a journal on SQLite."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from ..findings.errors import JournalError
from ..journal.database import journal_file
from ..journal.private_file import open_private


@contextmanager
def lock_journal(url: str) -> Iterator[None]:
    """Lock the journal's file for this process; a journal on PostgreSQL is not locked.

    The file is locked itself, after links are followed, so that its names do not matter. A lock file
    beside it holds its path, where another file may be put while the journal is served. The system
    releases both locks when the process ends. Raise JournalError when another process holds one.
    """
    file = journal_file(url)
    if file is None:
        yield
        return
    with ExitStack() as stack:
        for path in _list_lock_files(file):
            lock = stack.enter_context(_open_to_lock(path))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                words = (
                    f"another erpmap process serves the journal {str(file)!r}; stop it, or use a"
                    " journal on PostgreSQL, which many processes can share"
                )
                raise JournalError(words) from None
        yield


def _list_lock_files(file: Path) -> tuple[Path, ...]:
    """The files to lock for a journal.

    On Linux flock is independent of the locks that SQLite has on its file (POSIX locks). Other systems
    may mix them: there the journal's file is not locked. Closing a file ends its process's POSIX locks,
    so this lock must be closed last: it encloses the whole use of the journal.
    """
    try:
        real = file.resolve()
    except RuntimeError as error:
        raise JournalError(f"the journal {str(file)!r} is a link to itself") from error
    beside = real.with_name(f"{real.name}.lock")
    return (beside, real) if sys.platform == "linux" else (beside,)


def _open_to_lock(file: Path) -> IO[bytes]:
    """Open a file, or create it: SQLite takes an empty file for a new journal."""
    try:
        return open(file, "ab", opener=open_private)
    except OSError as error:
        raise JournalError(
            f"the journal {str(file)!r} cannot be written: {error.strerror}"
        ) from error
