"""What a load has read: real files with their state and digest, folders with their names.

A check asks the system for the state of each; content is read again only where a state has changed.
Links are followed, so another target is another state.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from .beneath import FileOnDisk, Root, list_beneath, read_beneath

# A file that was written this short a time before it was read may be written again within one tick of
# the file system's clock, with the same size: its content is compared once more.
_TICK = 2_000_000_000
# Entries of one tree that are noted; a change beyond them is seen with the next change.
_MAX_NOTED = 20_000

_State = tuple[int, ...]
# Where a state has the size.
_SIZE = 2


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen at a path: None for nothing there, else its state; a digest where it was read."""

    state: _State | None
    digest: bytes | None = None
    is_recent: bool = False
    is_folder: bool = False


@dataclass(slots=True)
class ReadRecord:
    """The files and folders that a load has read, or looked for, by their absolute paths.

    Files are read again only beneath the `roots`.
    """

    roots: tuple[Root, ...] = ()
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def fingerprint(self) -> frozenset[tuple[str, object]]:
        """Equal for equal files."""
        return frozenset((path, seen.digest or seen.state) for path, seen in self._seen.items())

    def note_file(self, path: str, file: FileOnDisk | None) -> None:
        """Note a file as it was read; None where there is none, or it cannot be read."""
        if file is None:
            self._seen[path] = _Seen(_state_of(path))
        else:
            self._seen[path] = _Seen(
                _state(file.status), _digest(file.data), _is_recent(_state(file.status))
            )

    def note_folder(self, path: str) -> None:
        """Note the names in a folder, or that there is no such folder."""
        self._note_names(path, self._list(path))

    def note_tree(self, path: str) -> None:
        """Note every file and folder below a folder, links followed as far as the roots allow."""
        waiting, known = [path], set[_State | None]()
        while waiting and len(self._seen) < _MAX_NOTED:
            folder = waiting.pop()
            names = self._list(folder)
            state = self._note_names(folder, names)
            if state in known:  # a link to a folder above
                continue
            known.add(state)
            for name in names or ():
                below = os.path.join(folder, name)  # noqa: PTH118 - paths are texts
                state = _state_of(below)
                if state is not None and stat.S_ISDIR(state[-1]):
                    waiting.append(below)
                else:
                    self._seen[below] = _Seen(state)

    def has_changed(self) -> bool:
        """Whether one of them is not as it was; costs a request to the system for each."""
        return not all(map(self._is_as_before, tuple(self._seen)))

    def _is_as_before(self, path: str) -> bool:
        """Compare a path with what was seen; what is equal in content is noted with its new state."""
        before = self._seen[path]
        state = _state_of(path)
        if state == before.state and not before.is_recent:
            return True
        if before.digest is None or state is None or not self._has_content(path, before):
            return False
        self._seen[path] = replace(before, state=state, is_recent=False)
        return True

    def _has_content(self, path: str, before: _Seen) -> bool:
        """Whether a path has the content that was seen there."""
        try:
            if before.is_folder:
                return _digest_names(self._list(path)) == before.digest
            size = os.stat(path).st_size  # noqa: PTH116 - paths are texts
            if before.state is None or size != before.state[_SIZE]:
                return False
            return _digest(read_beneath(self.roots, path, size + 1).data) == before.digest
        except (OSError, ValueError):
            return False

    def _note_names(self, path: str, names: list[str] | None) -> _State | None:
        state = _state_of(path)
        self._seen[path] = _Seen(state, _digest_names(names), _is_recent(state), is_folder=True)
        return state

    def _list(self, path: str) -> list[str] | None:
        try:
            return sorted(entry.name for entry in list_beneath(self.roots, path))
        except (OSError, ValueError):
            return None


def _state_of(path: str) -> _State | None:
    """Return the state of what is at a path, links followed; None where there is nothing."""
    try:
        return _state(os.stat(path))  # noqa: PTH116 - paths are texts
    except (OSError, ValueError):
        return None


def _state(status: os.stat_result) -> _State:
    return (
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size,
        status.st_ino,
        status.st_dev,
        status.st_mode,
    )


def _is_recent(state: _State | None) -> bool:
    return state is not None and time.time_ns() - max(state[:2]) < _TICK


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _digest_names(names: list[str] | None) -> bytes | None:
    return None if names is None else _digest("\0".join(names).encode("utf-8", "surrogateescape"))
