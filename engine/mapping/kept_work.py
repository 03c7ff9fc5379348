"""What repeated loads of one tenant keep, for an editor: a load after a key was pressed does only what changed.

A text counts as unchanged while the folder returns the same object for it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..findings.diagnostics import Place, SourceText
from ..findings.errors import ReadError
from .files.extend import LoadedMapping, SourceFile
from .files.folder import MAX_LOOKUP_BYTES
from .files.parse_yaml import MAX_BYTES
from .files.reread import reread_yaml
from .files.source_texts import Folder
from .files.tenant import Tenant
from .plan.compile import Compiled
from .plan.parse_cache import ParseCache
from .plan.tenant_schemas import Schemas

# Every key that is pressed leaves a text behind.
_MOST_EXPRESSIONS = 20_000


@dataclass(frozen=True, slots=True)
class NotingFolder:
    """A folder that notes each path that is read, and its text; None where it could not be read."""

    folder: Folder
    noted: dict[str, SourceText | None] = field(default_factory=dict)

    def read(
        self, relative: str, *, wanted_by: Place | None = None, limit: int = MAX_BYTES
    ) -> SourceText:
        """Read from the folder; raise what the folder raises."""
        self.noted[relative] = None
        text = self.folder.read(relative, wanted_by=wanted_by, limit=limit)
        self.noted[relative] = text
        return text

    def names_beside(self, relative: str) -> Iterator[str]:
        """Return what the folder returns."""
        return self.folder.names_beside(relative)


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """A mapping as it was last compiled, from which texts and with which schemas.

    `tables` are the files of its lookups, by their paths, None for one that could not be read.
    """

    loaded: LoadedMapping
    compiled: Compiled
    tenant: Tenant
    schemas: Schemas
    tables: Mapping[str, SourceText | None]

    def still_holds(
        self, loaded: LoadedMapping, tenant: Tenant, schemas: Schemas, folder: Folder
    ) -> bool:
        """Return whether to compile the mapping again would give the same."""
        before = [source.text for source in self.loaded.sources]
        now = [source.text for source in loaded.sources]
        return (
            self.tenant.node.place.text is tenant.node.place.text
            and len(before) == len(now)
            and all(one is other for one, other in zip(before, now, strict=True))
            and self.schemas == schemas
            and all(_read_kept(folder, path) is text for path, text in self.tables.items())
        )


@dataclass(slots=True)
class KeptWork:
    """The files as parsed, the expressions, and each mapping as last compiled, by its name.

    Several tenants may share `files`. A mapping that cannot be compiled now is kept as it was.
    """

    files: dict[str, SourceFile] = field(default_factory=dict)
    parsed: ParseCache = field(default_factory=ParseCache)
    mappings: dict[str, KeptMapping] = field(default_factory=dict)

    def begin(self, folder: Folder, schemas: Schemas) -> None:
        """Read the files that have changed again, and forget the expressions when there are too many."""
        for path, file in tuple(self.files.items()):
            text = _read_kept(folder, path)
            if text is file.text:
                continue
            root = None if text is None else reread_yaml(text, file.root)
            if text is None or root is None:
                del self.files[path]
            else:
                self.files[path] = SourceFile(path, text, root)
        kept = self.parsed if self.parsed.size() <= _MOST_EXPRESSIONS else ParseCache()
        self.parsed = replace(kept, schemas=schemas)


def _read_kept(folder: Folder, path: str) -> SourceText | None:
    try:
        return folder.read(path, limit=MAX_LOOKUP_BYTES)
    except ReadError:
        return None
