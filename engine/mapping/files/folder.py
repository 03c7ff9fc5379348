"""The mappings folder: the only module of this package that reads the file system.

Nothing outside the folder is ever read: no `..`, no absolute path, no link that
leads out, no device or pipe, nothing larger than its limit. A tenant's files are
narrowed further by its grant, if an operator's file grants anything. `base/…`
falls back to the mappings shipped with erpmap.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath

from ...files.beneath import Root, list_beneath, read_beneath
from ...files.read_record import ReadRecord
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import ReadError
from ...findings.quote import did_you_mean, quoted
from ...wire.grant import UNRESTRICTED, Grant
from .parse_yaml import MAX_BYTES, decode_text

MAX_LOOKUP_BYTES = 10_000_000
# The types of a whole API may need several megabytes.
MAX_SCHEMA_BYTES = 5_000_000

_SHARED_PART = "base"
# The folder in the names of files that are shipped with erpmap.
SHIPPED = "<erpmap>"
_MAX_LISTED = 1_000
_MAX_PATH = 1_000
_SMALLER = {
    ".yaml": "split it with `extends`, and keep tables in CSV files",
    ".csv": "leave out rows that no order needs",
}
_OUTWARD = re.compile(r"/|[A-Za-z]:|.*[\\\0]|(?:.*/)?\.\.(?:/|\Z)", re.DOTALL)


# All tenants share these files: one that is unchanged is the same object for each of them.
_decode_shared = lru_cache(maxsize=32)(decode_text)


@dataclass(frozen=True, slots=True)
class MappingsFolder:
    """A retailer's folder of mappings, and the bundled folder of base mappings, if there is one.

    `shown_as` is the folder's name in messages; by default the path that a user would type. With a
    `tenant`, only its folder, `base` and the folders of its `grant` are read. `record` notes what is
    read.
    """

    root: Path
    bundled: Path | None = None
    shown_as: str | None = None
    tenant: str | None = None
    grant: Grant = UNRESTRICTED
    record: ReadRecord | None = None

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Return the text of the file at `relative`, a posix path below the folder; at most `limit` bytes.

        Raise ReadError: E0101 no such file, E0102 unreadable, E0103 the path leads out of the
        folder, E0104 too large, E0105 not UTF-8, E1206 the grant does not reach so far. `wanted_by`
        is the place where the path is written.
        """
        request = _Request(relative, wanted_by, limit)
        _refuse_outward(request)
        path = str(PurePosixPath(relative))
        for root, name in self._roots(path):
            data = self._read_below(root, path, request)
            if data is not None:
                is_shared = PurePosixPath(path).parts[:1] == (_SHARED_PART,)
                decode = _decode_shared if is_shared else decode_text
                return decode(str(PurePosixPath(name, path)), data)
        raise request.error("E0101", "does not exist", self._hint(path))

    def names_beside(self, relative: str) -> Iterator[str]:
        """Yield the files in the folder of `relative`, with their paths below the root; 1,000 at most."""
        parent = PurePosixPath(relative).parent
        for root, _ in self._roots(relative):
            path = _whole_path(root, str(parent))
            names = _list_files(self.reach(root), path)
            if self.record is not None:
                self.record.note_folder(path)
            for entry in names or ():
                yield str(parent / entry)

    def reach(self, root: Path | None = None) -> tuple[Root, ...]:
        """Return the folders that may be read, of those at `root`; by default of the folder itself."""
        real = os.path.realpath(self.root if root is None else root)
        if self.tenant is None or self.grant.is_unrestricted:
            return (Root(real),)
        own = (Root(real, entry=self.tenant), Root(real, entry=_SHARED_PART))
        return (*own, *self.grant.folders)

    def _read_below(self, root: Path, relative: str, request: _Request) -> bytes | None:
        """Return the file's content; None where there is no such file."""
        path = _whole_path(root, relative)
        found = None
        try:
            found = read_beneath(self.reach(root), path, request.limit + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            is_granted = not self.grant.is_unrestricted
            raise _as_read_error(error, request, is_granted=is_granted) from error
        finally:
            if self.record is not None:
                self.record.note_file(path, found)
        if len(found.data) > request.limit:
            hint = _SMALLER.get(PurePosixPath(relative).suffix, "leave out what no mapping reads")
            raise request.error("E0104", f"is larger than {request.limit:,} bytes", hint)
        return found.data

    def _roots(self, relative: str) -> Iterator[tuple[Path, str]]:
        yield self.root, self.shown_as or _format_as_typed(self.root)
        if self.bundled is not None and PurePosixPath(relative).parts[:1] == (_SHARED_PART,):
            yield self.bundled, SHIPPED

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


def _as_read_error(error: OSError, request: _Request, *, is_granted: bool) -> ReadError:
    if error.errno == errno.EXDEV and is_granted:
        hint = "copy the file, or let the operator's file grant the folder: `folders`"
        return request.error("E1206", "is outside the folders of the tenant", hint)
    if error.errno == errno.EXDEV:
        hint = "it is a link to another place; put the file itself into the folder"
        return request.error("E0103", "leads out of the mappings folder", hint)
    if error.errno == errno.ENOTSUP:
        hint = "a folder or device cannot be read"
        return request.error("E0102", "is not a regular file", hint)
    return request.error("E0102", f"cannot be read: {error.strerror or 'unknown'}")


def _list_files(roots: Sequence[Root], path: str) -> list[str] | None:
    """List the files and links in a folder; None where there is none."""
    try:
        entries = list_beneath(roots, path)
    except (OSError, ValueError):
        return None
    names = (
        entry.name
        for entry in entries
        if entry.is_file(follow_symlinks=False) or entry.is_symlink()
    )
    return sorted(islice(names, _MAX_LISTED))


def _whole_path(root: Path, relative: str) -> str:
    return os.path.join(os.path.abspath(root), relative)  # noqa: PTH100, PTH118 - paths are texts


def _format_as_typed(root: Path) -> str:
    """Return the folder as a user would type it: relative if it is below the working directory."""
    if not root.is_absolute():
        return root.as_posix()
    try:
        return root.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return root.name
