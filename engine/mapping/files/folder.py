"""The mappings folder: the only module of this package that reads the file system.

Nothing outside the folder is ever read: no `..`, no absolute path, no link that
leads out, no device or pipe, nothing larger than its limit. `base/…` falls back
to the mappings shipped with erpmap.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import ReadError
from ...findings.quote import did_you_mean, quoted
from .parse_yaml import MAX_BYTES, decode_text

MAX_LOOKUP_BYTES = 10_000_000
# The types of a whole API may need several megabytes.
MAX_SCHEMA_BYTES = 5_000_000

_BUNDLED_PART = "base"
_BUNDLED_NAME = "<erpmap>"
_MAX_LISTED = 1_000
_MAX_PATH = 1_000
_OUTWARD = re.compile(r"/|[A-Za-z]:|.*[\\\0]|(?:.*/)?\.\.(?:/|\Z)", re.DOTALL)
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


@dataclass(frozen=True, slots=True)
class MappingsFolder:
    """A retailer's folder of mappings, and the bundled folder of base mappings, if there is one.

    `shown_as` is the folder's name in messages; by default the path that a user would type.
    """

    root: Path
    bundled: Path | None = None
    shown_as: str | None = None

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Return the text of the file at `relative`, a posix path below the folder; at most `limit` bytes.

        Raise ReadError: E0101 no such file, E0102 unreadable, E0103 the path leads out of the
        folder, E0104 too large, E0105 not UTF-8. `wanted_by` is the place where the path is written.
        """
        request = _Request(relative, wanted_by, limit)
        _refuse_outward(request)
        path = str(PurePosixPath(relative))
        for root, name in self._roots(path):
            data = _read_below(root, path, request)
            if data is not None:
                return decode_text(str(PurePosixPath(name, path)), data)
        raise request.error("E0101", "does not exist", self._hint(path))

    def names_beside(self, relative: str) -> Iterator[str]:
        """Yield the files in the folder of `relative`, with their paths below the root; 1,000 at most."""
        parent = PurePosixPath(relative).parent
        for root, _ in self._roots(relative):
            for entry in _list_files(root, parent):
                yield str(parent / entry)

    def _roots(self, relative: str) -> Iterator[tuple[Path, str]]:
        yield self.root, self.shown_as or _format_as_typed(self.root)
        if self.bundled is not None and PurePosixPath(relative).parts[:1] == (_BUNDLED_PART,):
            yield self.bundled, _BUNDLED_NAME

    def _hint(self, relative: str) -> str | None:
        if not self.root.is_dir():
            return f"there is no folder {quoted(str(self.root))}; name it with --mappings"
        return did_you_mean(relative, self.names_beside(relative))


@dataclass(frozen=True, slots=True)
class _Request:
    relative: str
    wanted_by: Place | None
    limit: int

    def error(self, code: str, problem: str, hint: str | None = None) -> ReadError:
        message = f"{quoted(self.relative)} {problem}"
        return ReadError(
            message, [Finding(code=code, message=message, place=self.wanted_by, hint=hint)]
        )


def _refuse_outward(request: _Request) -> None:
    relative = request.relative
    try:
        relative.encode()
    except UnicodeEncodeError as error:
        raise request.error("E0103", "is not a path") from error
    if not relative or len(relative) > _MAX_PATH or _OUTWARD.match(relative):
        hint = "write a path below the mappings folder, with / between its parts"
        raise request.error("E0103", "is not a path below the mappings folder", hint)


def _read_below(root: Path, relative: str, request: _Request) -> bytes | None:
    """Return the file's content; None where there is no such file."""
    try:
        real_root = os.path.realpath(root, strict=True)
        real = os.path.realpath(Path(real_root, relative), strict=True)
        if not Path(real).is_relative_to(real_root):
            hint = "it is a link to another place; put the file itself into the folder"
            raise request.error("E0103", "leads out of the mappings folder", hint)
        return _read_regular(real, request)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise request.error("E0102", f"cannot be read: {error.strerror or 'unknown'}") from error


def _read_regular(real: str, request: _Request) -> bytes:
    # Checked before opening, because opening a device can have effects, and again afterwards,
    # because another file may have replaced it; O_NONBLOCK keeps a pipe from blocking.
    _refuse_irregular(Path(real).stat(), request)
    with os.fdopen(os.open(real, _FLAGS), "rb") as file:
        _refuse_irregular(os.fstat(file.fileno()), request)
        data = file.read(request.limit + 1)
    if len(data) > request.limit:
        raise request.error("E0104", f"is larger than {request.limit:,} bytes", "split it")
    return data


def _refuse_irregular(status: os.stat_result, request: _Request) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise request.error("E0102", "is not a regular file", "a folder or device cannot be read")


def _list_files(root: Path, parent: PurePosixPath) -> list[str]:
    try:
        real_root = os.path.realpath(root, strict=True)
        real = os.path.realpath(Path(real_root, parent), strict=True)
        if not Path(real).is_relative_to(real_root):
            return []
        with os.scandir(real) as entries:
            return sorted(entry.name for entry in islice(entries, _MAX_LISTED) if entry.is_file())
    except OSError:
        return []


def _format_as_typed(root: Path) -> str:
    """Return the folder as a user would type it: relative if it is below the working directory."""
    if not root.is_absolute():
        return root.as_posix()
    try:
        return root.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return root.name
