"""Files opened beneath folders that are allowed, and nowhere else.

A path is walked with directory handles, one component at a time, and the system follows no link: links
are read and resolved here, and their targets are walked in the same way. Whatever is exchanged
meanwhile, nothing outside the folders is opened. Only regular files are read: no pipe blocks, and no
device is opened.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

# Links and `..` on the way.
_MAX_STEPS = 100
_COMMON = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_FOLDER = _COMMON | getattr(os, "O_DIRECTORY", 0)
# A handle for walking needs no right to list the folder.
_STEP = _FOLDER | getattr(os, "O_PATH", os.O_RDONLY)
# Another file may have taken the place of the one that was checked: a pipe must not block then.
_FILE = _COMMON | os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_PERHAPS_A_LINK = {errno.ENOTDIR, errno.ELOOP, getattr(errno, "EMLINK", errno.ELOOP)}


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that may be read, by its real path.

    With `entry`, only the entry of this name; with `begins`, only entries whose names begin so.
    """

    path: str
    entry: str = ""
    begins: str = ""

    def takes(self, first: str) -> bool:
        """Whether an entry of the folder may be read; `..` leads on to another root, or nowhere."""
        if first == ".." or not (self.entry or self.begins):
            return True
        return first == self.entry if self.entry else first.startswith(self.begins)


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A file as read: at most as many bytes as allowed, its real path, its state when it was opened."""

    data: bytes
    real: str
    status: os.stat_result


def read_beneath(roots: Sequence[Root], path: str, limit: int) -> FileOnDisk:
    """Read at most `limit` bytes of the regular file at an absolute path.

    Raise OSError: EXDEV where it is in none of the roots or a link leads out, ENOTSUP where it is no
    regular file, ELOOP for too many links; else what the system says. Raise ValueError for a NUL.
    """
    with _reach(roots, path) as way:
        # Before it is opened, because opening a device can have effects, and afterwards, because
        # another file may have taken its place.
        _refuse_irregular(way.status)
        with os.fdopen(os.open(way.name, _FILE, dir_fd=way.handle), "rb") as file:
            status = os.fstat(file.fileno())
            _refuse_irregular(status)
            return FileOnDisk(file.read(limit), way.real, status)


def list_beneath(roots: Sequence[Root], path: str) -> list[os.DirEntry[str]]:
    """List the folder at an absolute path; raise OSError and ValueError as `read_beneath` does.

    The entries know their kinds, which hold until they are opened: nothing may be read through them.
    """
    with _reach(roots, path) as way:
        folder = os.open(way.name, _FOLDER | os.O_RDONLY, dir_fd=way.handle)
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        finally:
            os.close(folder)


def resolve_beneath(roots: Sequence[Root], path: str) -> str:
    """Return the real path of what is at an absolute path. Raise as `read_beneath` does."""
    with _reach(roots, path) as way:
        return way.real


def real_path(path: str) -> str:
    """Return a path with its links resolved; as it is where one of them is exchanged meanwhile."""
    try:
        return os.path.realpath(path)
    except OSError:
        return path


def _refuse_irregular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.ENOTSUP, "not a regular file")


@dataclass(slots=True)
class _Way:
    """The way to the last component of a path: an open handle of its folder, whose path is `done`.

    `onward` is the whole path anew, where the way met a link or `..`.
    """

    handle: int
    done: str
    name: str = "."
    status: os.stat_result = field(default_factory=lambda: os.stat_result([0] * 10))
    onward: str | None = None

    @property
    def real(self) -> str:
        """The real path of the last component."""
        return self.done if self.name == "." else _join(self.done, self.name)

    def walk(self, parts: Sequence[str]) -> None:
        """Walk to the last part, or to a link or `..`. Raise OSError."""
        for at, part in enumerate(parts):
            rest = parts[at + 1 :]
            if part == "..":
                self.onward = _join(str(PurePosixPath(self.done).parent), *rest)
            elif not (self._enter_folder(part) if rest else self._arrive(part)):
                self.onward = _join(self.done, self._target_of(part), *rest)
            if self.onward is not None:
                return
        if not parts:
            self.status = os.fstat(self.handle)

    def _enter_folder(self, name: str) -> bool:
        """Enter a folder; return whether it is one, and no link."""
        try:
            below = os.open(name, _STEP, dir_fd=self.handle)
        except OSError as error:
            mode = os.stat(name, dir_fd=self.handle, follow_symlinks=False).st_mode
            if error.errno in _PERHAPS_A_LINK and stat.S_ISLNK(mode):
                return False
            raise
        os.close(self.handle)
        self.handle, self.done = below, _join(self.done, name)
        return True

    def _target_of(self, name: str) -> str:
        """Return where a link leads; the name itself where it is no link any more: it is tried again."""
        try:
            return os.readlink(name, dir_fd=self.handle)
        except OSError as error:
            if error.errno == errno.EINVAL:
                return name
            raise

    def _arrive(self, name: str) -> bool:
        """Note the last component; return whether it is no link."""
        self.name = name
        self.status = os.stat(name, dir_fd=self.handle, follow_symlinks=False)
        return not stat.S_ISLNK(self.status.st_mode)


@contextmanager
def _reach(roots: Sequence[Root], path: str) -> Iterator[_Way]:
    """Give the way to the last component of a path, links followed."""
    for _ in range(_MAX_STEPS):
        root, parts = _enter(roots, path)
        way = _Way(os.open(root.path, _STEP), root.path)
        try:
            way.walk(parts)
            if way.onward is None:
                yield way
                return
            path = way.onward
        finally:
            os.close(way.handle)
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _enter(roots: Sequence[Root], path: str) -> tuple[Root, list[str]]:
    """Return the root that a path is in, and the parts of the path below it. Raise OSError (EXDEV).

    A path that begins in no root may lead into one, where a part of it is a link outside.
    """
    if "\0" in path:
        raise ValueError("a path with a NUL")
    for start in (path, real_path(path)):
        for root in roots:
            below = _below(root.path, start)
            if below is not None and root.takes(below[0] if below else ""):
                return root, below
    raise _outside()


def _below(root: str, path: str) -> list[str] | None:
    """Return the parts of a path below a root; None where it does not begin with the root."""
    if path != root and not path.startswith(root.rstrip("/") + "/"):
        return None
    return [part for part in path[len(root) :].split("/") if part not in ("", ".")]


def _join(*parts: str) -> str:
    return os.path.join(*parts)  # noqa: PTH118 - texts, and an absolute target replaces all before it


def _outside() -> OSError:
    return OSError(errno.EXDEV, "outside the folders that may be read")
