"""Find the folders of orders in the order of their names, and read their files.

Paths are strings and system calls are few: a folder with tens of thousands of orders is scanned
while they are rendered. Links are followed only beneath `roots`, which the caller names: those of a
tenant for its cases. `-` is an ordinary name here.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISREG

from ..documents import MAX_CHARACTERS
from ..files.beneath import Root, list_beneath, read_beneath, resolve_beneath
from ..findings.diagnostics import Finding
from ..findings.errors import ReadError

EVENT = "event.json"
MAX_BYTES = MAX_CHARACTERS


def find_orders(root: Path) -> Iterator[tuple[str, int]]:
    """Yield every folder that holds an event, by its name below `root`; `.` is `root` itself.

    With each comes the number of known folders not scanned yet. The order is that of the names, a
    folder before its subfolders. A folder that cannot be listed, or is gone, is yielded too:
    reading it gives the finding. A `root` that does not exist has no orders.
    """
    waiting = ["."] if os.path.isdir(root) else []  # noqa: PTH112 - paths are strings here
    while waiting:
        name = waiting.pop()
        holds_event, folders = _scan_folder(join_path(root, name))
        prefix = "" if name == "." else f"{name}/"
        waiting += [prefix + folder for folder in sorted(folders, reverse=True)]
        if holds_event:
            yield name, len(waiting)


def join_path(root: str | Path, name: str) -> str:
    """Return the path of `name` below `root`; `.` is `root` itself."""
    start = str(root)
    if name == ".":
        return start
    return name if start == "." else f"{start.removesuffix('/')}/{name}"


def _scan_folder(path: str) -> tuple[bool, list[str]]:
    """Return whether a folder holds an event, and the names of its subfolders."""
    try:
        with os.scandir(path) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return True, []
    folders = [name for name, is_folder in found if is_folder]
    return any(name == EVENT for name, _ in found), folders


def find_linked_orders(
    root: str, roots: Sequence[Root]
) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield every folder below `root` by its name, with the names in it; links are followed.

    Names that begin with `..` are skipped: a mounted ConfigMap keeps its versions there. None stands
    for a folder that cannot be listed, and for a link that leads out of the roots.
    """
    waiting, known = ["."], set[str]()
    while waiting:
        name = waiting.pop()
        path = os.path.abspath(join_path(root, name))  # noqa: PTH100 - paths are strings here
        try:
            real, entries = resolve_beneath(roots, path), list_beneath(roots, path)
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            yield name, None
            continue
        if real in known:  # also a link to a folder above
            continue
        known.add(real)
        prefix = "" if name == "." else f"{name}/"
        folders = [entry.name for entry in entries if _is_folder(entry, path)]
        waiting += [prefix + folder for folder in sorted(folders, reverse=True)]
        yield name, frozenset(entry.name for entry in entries)


def _is_folder(entry: os.DirEntry[str], path: str) -> bool:
    """Whether an entry of the folder at `path` is a folder, or a link to one."""
    if entry.name.startswith(".."):
        return False
    if not entry.is_symlink():
        return entry.is_dir(follow_symlinks=False)
    return os.path.isdir(f"{path}/{entry.name}")  # noqa: PTH112 - paths are strings here


def list_files(folder: str, roots: Sequence[Root] = ()) -> dict[str, bool]:
    """Return the sorted names of a folder's entries, and whether each is a link.

    A folder that does not exist is empty. Raise ReadError if the folder cannot be listed.
    """
    try:
        if roots:
            path = os.path.abspath(folder)  # noqa: PTH100 - paths are strings here
            return dict.fromkeys(sorted(e.name for e in list_beneath(roots, path)), False)
        with os.scandir(folder) as entries:
            return dict(sorted((entry.name, entry.is_symlink()) for entry in entries))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error


def read_bytes(path: str | Path, roots: Sequence[Root] = ()) -> bytes:
    """Return the bytes of a file. Raise ReadError if it is missing, not a file, unreadable, too large."""
    try:
        if roots:
            return _read_beneath(path, roots)
        # Without O_NONBLOCK, opening a pipe waits for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            return _read_contents(descriptor, path)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise read_error("E0101", f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _read_beneath(path: str | Path, roots: Sequence[Root]) -> bytes:
    whole = os.path.abspath(path)  # noqa: PTH100 - paths are strings here
    data = read_beneath(roots, whole, MAX_BYTES + 1).data
    if len(data) > MAX_BYTES:
        raise read_error("E0104", f"{path} is larger than {MAX_BYTES:,} bytes")
    return data


def _read_contents(descriptor: int, path: str | Path) -> bytes:
    status = os.fstat(descriptor)
    if not S_ISREG(status.st_mode):
        raise read_error("E0102", f"{path} is not a file")
    if status.st_size > MAX_BYTES:
        raise read_error("E0104", f"{path} is larger than {MAX_BYTES:,} bytes")
    data = os.read(descriptor, status.st_size + 1)
    if len(data) == status.st_size:
        return data
    # The file grows during the reading, or the system returned less than requested.
    while len(data) <= MAX_BYTES and (piece := os.read(descriptor, MAX_BYTES + 1 - len(data))):
        data += piece
    return data


def _unreadable(path: str | Path, error: OSError | ValueError) -> ReadError:
    if isinstance(error, OSError) and error.errno == errno.EXDEV:
        return read_error("E0103", f"{str(path)[:200]} leads out of the folders of the tenant")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "bad name"
    return read_error("E0102", f"{str(path)[:200]!r} cannot be read: {reason.lower()}")


def read_error(code: str, message: str) -> ReadError:
    """Return the error for one file or folder that cannot be read."""
    return ReadError(message, [Finding(code, message, hint=_HINTS.get(code))])


_HINTS = {
    "E0101": "check the path; a relative path starts in the current folder",
    "E0103": "copy the file, or let the operator's file grant the folder: `folders`",
    "E0102": "give a file that you have permission to read",
    "E0104": "a document may have at most 10 MB: request less data at once",
}
