"""One process for one journal on SQLite: a second one is refused."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from ..findings.errors import JournalError
from ..journal.database import journal_file


@contextmanager
def lock_journal(url: str) -> Iterator[None]:
    """Hold the journal's file for this process; nothing of the kind for PostgreSQL.

    By whatever name it is opened: links are followed to it, and the file itself is locked. A lock
    beside it holds its place, where another file may be put while it is served. Both end with the
    process, however that ends. Raise JournalError when another one has either.
    """
    file = journal_file(url)
    if file is None:
        yield
        return
    with ExitStack() as stack:
        for one in _locked(file):
            lock = stack.enter_context(_opened(one))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                words = f"another erpmap serves the journal {str(file)!r}; on SQLite there is one, on PostgreSQL any number"
                raise JournalError(words) from None
        yield


def _locked(file: Path) -> tuple[Path, ...]:
    """What is locked for a journal.

    On Linux flock knows nothing of the locks that SQLite has on its file (POSIX ones), elsewhere it may:
    there the file itself is not locked. Closing a file ends its process's POSIX locks, so that
    this has to be the last that closes it: it encloses the whole use of the journal.
    """
    try:
        real = file.resolve()
    except RuntimeError as error:
        raise JournalError(f"the journal {str(file)!r} is a link to itself") from error
    beside = real.with_name(f"{real.name}.lock")
    return (beside, real) if sys.platform == "linux" else (beside,)


def _opened(file: Path) -> IO[bytes]:
    """A file to lock, made if it is not there: SQLite takes an empty one for a new journal."""
    try:
        return file.open("ab")
    except OSError as error:
        raise JournalError(
            f"the journal {str(file)!r} cannot be written: {error.strerror}"
        ) from error
