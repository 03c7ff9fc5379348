"""The files of a journal on SQLite, which only their owner can read: they hold customers' data."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..findings.errors import JournalError

_MODE = 0o600
# SQLite gives the files beside a journal the rights that the journal has when it makes them.
_BESIDE = ("-wal", "-shm", "-journal", ".lock")


def open_private(path: str | Path, flags: int) -> int:
    """Open a file, or create it for its owner alone, whatever the umask; an opener of `open`.

    Raise OSError.
    """
    descriptor = os.open(path, flags | os.O_CLOEXEC, _MODE)
    _take_rights(descriptor)
    return descriptor


def protect_journal(file: Path) -> None:
    """Create a journal's file if there is none, and take others' rights on it and the files beside it.

    Raise JournalError when it cannot be opened.
    """
    try:
        os.close(open_private(file, os.O_RDWR | os.O_CREAT))
    except OSError as error:
        raise JournalError(f"the journal cannot be used: {error.strerror}") from error
    for end in _BESIDE:
        with suppress(OSError):  # most are not there
            os.close(open_private(file.with_name(file.name + end), os.O_RDONLY))


def _take_rights(descriptor: int) -> None:
    """Take the rights of group and others; those of another owner's file stay as they are."""
    with suppress(PermissionError):
        os.fchmod(descriptor, _MODE)
