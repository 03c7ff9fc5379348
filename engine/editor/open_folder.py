"""A mappings folder as an editor sees it: the text of an open document replaces the file on disk.

A text is the same object as long as its content is the same: repeated loads recognise what is unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..findings.diagnostics import Finding, Place, SourceText
from ..findings.errors import ReadError
from ..findings.quote import quoted
from ..mapping.files.folder import MappingsFolder
from ..mapping.files.parse_yaml import MAX_BYTES

# Files that are shipped with the program; their names begin with it.
BUNDLED = "<erpmap>"


@dataclass(slots=True)
class OpenFolder:
    """A mappings folder with open documents over it, by their paths below the folder.

    `documents` is replaced as a whole, never changed.
    """

    disk: MappingsFolder
    documents: Mapping[str, SourceText] = field(default_factory=dict)
    _known: dict[str, SourceText] = field(default_factory=dict)

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Return the open document, else the file. Raise what `MappingsFolder.read` raises."""
        path = str(PurePosixPath(relative))
        text = self.documents.get(path)
        if text is None:
            return self._remember(self.disk.read(relative, wanted_by=wanted_by, limit=limit))
        if len(text.content) > limit:
            message = f"{quoted(relative)} is larger than {limit:,} bytes"
            found = Finding(code="E0104", message=message, place=wanted_by, hint="split it")
            raise ReadError(message, [found])
        return text

    def overlay(self, path: str, content: str | None) -> None:
        """Let a document replace the file at a path; None gives way to the file again."""
        documents = dict(self.documents)
        documents.pop(path, None)
        if content is not None:
            documents[path] = self._remember(SourceText(path, content))
        self.documents = documents

    def names_beside(self, relative: str) -> Iterator[str]:
        """Yield the files in the folder of `relative`, open documents that are not stored yet included."""
        parent = PurePosixPath(relative).parent
        listed = list(self.disk.names_beside(relative))
        yield from listed
        for path in self.documents:
            if PurePosixPath(path).parent == parent and path not in listed:
                yield path

    def _remember(self, text: SourceText) -> SourceText:
        before = self._known.get(text.name)
        if before is not None and before.content == text.content:
            return before
        self._known[text.name] = text
        return text


def open_root(root: Path, bundled: Path | None) -> OpenFolder:
    """Open a mappings folder; texts are named by their paths below it."""
    return OpenFolder(MappingsFolder(root, bundled, "."))
