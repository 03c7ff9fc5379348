"""One process for one journal on SQLite: a second one is refused."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import JournalError
from ..journal.opening import file_of


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the journal's file for this process; nothing of the kind for PostgreSQL.

    The lock ends with the process, however that ends. Raise JournalError when another one has it.
    """
    file = file_of(url)
    if file is None:
        yield
        return
    try:
        lock = file.with_name(f"{file.name}.lock").open("w")
    except OSError as error:
        raise JournalError(f"the journal's folder cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            words = f"another erpmap serves the journal {str(file)!r}; on SQLite there is one, on PostgreSQL any number"
            raise JournalError(words) from None
        yield
