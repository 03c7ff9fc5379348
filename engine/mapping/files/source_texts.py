"""The texts that a tenant was loaded from: recorded while they are read, and read again later.

Both folders have the interface of `MappingsFolder`. Pure: no file is opened here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import ReadError
from ...findings.quote import quoted
from .parse_yaml import MAX_BYTES


class Folder(Protocol):
    """A folder of mappings: a real one, or one of recorded texts."""

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Return the text at a posix path below the folder; raise ReadError (E0101 no such file)."""
        ...

    def names_beside(self, relative: str) -> Iterator[str]:
        """Return the files in the folder of `relative`, with their paths below the root."""
        ...


# What a tenant's files may weigh together, each as often as it is read: a character, and 100 for
# each line of a table, which becomes a row.
MAX_WEIGHT = 50_000_000
_CHARACTERS_A_LINE = 100


@dataclass(slots=True)
class RecordingFolder:
    """A folder that records each text that is read from it, by its path, and bounds them together."""

    folder: Folder
    texts: dict[str, SourceText] = field(default_factory=dict)
    weight: int = 0

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Read from the folder and record the text; raises what the folder raises, and E0104."""
        text = self.folder.read(relative, wanted_by=wanted_by, limit=limit)
        lines = text.content.count("\n") if limit > MAX_BYTES else 0
        self.weight += max(len(text.content), _CHARACTERS_A_LINE * lines)
        if self.weight > MAX_WEIGHT:
            raise _error("E0104", relative, _TOO_MUCH, wanted_by, hint=_FEWER)
        self.texts[_path(relative)] = text
        return text

    def names_beside(self, relative: str) -> Iterator[str]:
        """Return what the folder returns."""
        return self.folder.names_beside(relative)


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """A folder of recorded texts, and nothing else."""

    texts: Mapping[str, SourceText]

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Return the recorded text of this path; raise ReadError (E0101, E0104)."""
        text = self.texts.get(_path(relative))
        if text is None:
            raise _error("E0101", relative, "does not exist", wanted_by)
        if len(text.content) > limit:
            raise _error("E0104", relative, f"is larger than {limit:,} bytes", wanted_by)
        return text

    def names_beside(self, relative: str) -> Iterator[str]:
        """Return the paths of the recorded texts in the folder of `relative`."""
        parent = PurePosixPath(relative).parent
        return (path for path in self.texts if PurePosixPath(path).parent == parent)


def _path(relative: str) -> str:
    return str(PurePosixPath(relative))


_TOO_MUCH = (
    f"is one file too many: those of a tenant hold at most {MAX_WEIGHT:,} characters, or "
    f"{MAX_WEIGHT // _CHARACTERS_A_LINE:,} rows of tables, each as often as a lookup reads it"
)
_FEWER = "let one lookup read a table that several share, and leave out rows that no order needs"


def _error(
    code: str, relative: str, problem: str, wanted_by: Place | None, *, hint: str | None = None
) -> ReadError:
    message = f"{quoted(relative)} {problem}"
    return ReadError(message, [Finding(code, message, wanted_by, hint=hint)])
