"""Folders of orders, as strings and with few calls: found in the order of their names, files read.

A folder with ten thousands of orders is looked through while they are
rendered. Links are not followed. `-` has no meaning here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

from ..documents import MAX_CHARACTERS
from ..findings.diagnostics import Finding
from ..findings.errors import ReadError

EVENT = "event.json"
LARGEST = MAX_CHARACTERS


def find_orders(root: Path) -> Iterator[tuple[str, int]]:
    """Every folder below `root`, itself (`.`) included, that holds an event, by its name there.

    Beside each stands how many folders are known by then and not looked into yet. The order is
    that of the names, a folder before those in it. A folder that cannot be listed, or is gone by then,
    is given out too: whoever reads it will say why. If there is no `root`, there are none.
    """
    waiting = ["."] if os.path.isdir(root) else []  # noqa: PTH112 - paths are strings here
    while waiting:
        name = waiting.pop()
        holds_event, below = _looked_into(join_path(root, name))
        before = "" if name == "." else f"{name}/"
        waiting += [before + folder for folder in sorted(below, reverse=True)]
        if holds_event:
            yield name, len(waiting)


def join_path(root: str | Path, name: str) -> str:
    """The path of what is called so below `root`; `.` is `root` itself."""
    start = str(root)
    if name == ".":
        return start
    return name if start == "." else f"{start.removesuffix('/')}/{name}"


def _looked_into(path: str) -> tuple[bool, list[str]]:
    """Whether a folder holds an event, and the names of the folders in it."""
    try:
        with os.scandir(path) as entries:
            there = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return True, []
    below = [name for name, is_folder in there if is_folder]
    return any(name == EVENT for name, _ in there), below


def list_files(folder: str) -> dict[str, bool]:
    """The names of all that lies in a folder, sorted, and whether it is a link.

    A folder that is gone is empty. Raise ReadError for one that cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            return dict(sorted((entry.name, entry.is_symlink()) for entry in entries))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise _refused(folder, error) from error


def read_bytes(path: str | Path) -> bytes:
    """What a file holds. Raise ReadError: not there, not a file, not readable, too large."""
    try:
        # Without O_NONBLOCK, opening a pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            return _contents(descriptor, path)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise read_error("E0101", f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error


def _contents(descriptor: int, path: str | Path) -> bytes:
    status = os.fstat(descriptor)
    if not S_ISREG(status.st_mode):
        raise read_error("E0102", f"{path} is not a file")
    if status.st_size > LARGEST:
        raise read_error("E0104", f"{path} is larger than {LARGEST:,} bytes")
    data = os.read(descriptor, status.st_size + 1)
    if len(data) == status.st_size:
        return data
    # It grows while it is read, or the system gives less at once.
    while len(data) <= LARGEST and (piece := os.read(descriptor, LARGEST + 1 - len(data))):
        data += piece
    return data


def _refused(path: str | Path, error: OSError | ValueError) -> ReadError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "bad name"
    return read_error("E0102", f"{str(path)[:200]!r} cannot be read: {reason.lower()}")


def read_error(code: str, message: str) -> ReadError:
    """The error that tells of one file or folder that cannot be read."""
    return ReadError(message, [Finding(code, message, hint=_HINTS.get(code))])


_HINTS = {
    "E0101": "look at the path; a relative one starts in the folder you are in",
    "E0102": "name a file that you may read",
    "E0104": "one document is 10 MB at most: ask for less at once",
}
