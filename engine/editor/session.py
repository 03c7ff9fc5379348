"""One editor's session: its documents, the folders that they are in, and the diagnostics that it was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from ..findings.diagnostics import SourceText
from .checker import Checker, CheckJob
from .diagnostics import group_by_file, own_file
from .mappings import OpenMappings, TenantView, open_mappings, views_of
from .paths import find_root, path_of, real_file, relative_path, uri_of
from .ranges import Ranges

Publish = Callable[[types.PublishDiagnosticsParams], None]


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file of a mappings folder; `path` is below the folder."""

    mappings: OpenMappings
    path: str

    @property
    def text(self) -> SourceText | None:
        """Its text, None when it cannot be read."""
        return self.mappings.text(self.path)

    @property
    def views(self) -> tuple[TenantView, ...]:
        """The views of the tenants that it matters to."""
        return views_of(self.mappings.views.values(), self.path)


@dataclass(slots=True)
class EditorSession:
    """The state of the server; used from the event loop alone.

    `root` is the mappings folder that the editor's settings name; without it, it is found from each file.
    """

    publish: Publish
    ranges: Ranges = field(default_factory=Ranges)
    root: Path | None = None
    _folders: dict[Path, OpenMappings] = field(default_factory=dict)
    _open: dict[str, OpenFile] = field(default_factory=dict)
    # By the address of a file, then by the tenant, or by the file itself where it is of no tenant.
    _shown: dict[str, dict[str, list[types.Diagnostic]]] = field(default_factory=dict)
    _checker: Checker = field(init=False)

    def __post_init__(self) -> None:
        """Let checks be delivered here."""
        self._checker = Checker(self._deliver)

    async def wait(self) -> None:
        """Return when all that was typed is checked, and its diagnostics are sent."""
        await self._checker.wait()

    def stop(self) -> None:
        """Begin no further check."""
        self._checker.stop()

    def find(self, uri: str) -> OpenFile | None:
        """Return the file at an address; None for one that belongs to no mappings folder."""
        if uri in self._open:
            return self._open[uri]
        file = path_of(uri)
        root = None if file is None else self._find_root(file)
        path = None if file is None or root is None else relative_path(file, root)
        if root is None or path is None:
            return None
        return OpenFile(self._folders.setdefault(root, open_mappings(root)), path)

    def _find_root(self, file: Path) -> Path | None:
        if self.root is not None and relative_path(file, self.root) is not None:
            return self.root
        return find_root(file)

    def set_text(self, uri: str, content: str) -> None:
        """Take the text of a document that was opened or changed."""
        file = self.find(uri)
        if file is not None:
            self._open[uri] = file
            file.mappings.folder.overlay(file.path, content)
            self._request(file)

    def close(self, uri: str) -> None:
        """Give way to the file on disk again."""
        file = self._open.pop(uri, None)
        if file is not None:
            file.mappings.folder.overlay(file.path, None)
            self._request(file)

    def changed_on_disk(self, uris: Iterable[str]) -> None:
        """Check what depends on files that changed on disk."""
        for uri in uris:
            file = self.find(uri)
            if file is not None:
                self._request(file)

    def _request(self, file: OpenFile) -> None:
        concerned = file.mappings.find_concerned(file.path)
        self._checker.request(CheckJob(file.mappings, tenant) for tenant in concerned)
        if not concerned:
            self._show_alone(file)

    def _deliver(self, job: CheckJob, view: TenantView, is_current: bool) -> None:  # noqa: FBT001 - Checker calls it
        mappings, tenant = job.mappings, job.tenant
        mappings.views[tenant] = view
        if not is_current:
            return
        grouped = group_by_file(view.loaded.findings, mappings.root, self.ranges, own_file(tenant))
        key = f"{id(mappings)}/{tenant}"
        for uri in {*grouped, *(uri for uri, by_owner in self._shown.items() if key in by_owner)}:
            self._show(uri, key, grouped.get(uri, []))
        for file in tuple(self._open.values()):
            if file.mappings is mappings and self._checker.is_idle:
                self._show_alone(file)

    def _show_alone(self, file: OpenFile) -> None:
        """Show the findings about a mapping that no tenant uses."""
        mappings, path = file.mappings, file.path
        alone = mappings.check_alone(path) if mappings.is_alone(path) else ()
        uri = uri_of(real_file(path, mappings.root))
        grouped = group_by_file(alone, mappings.root, self.ranges, path)
        self._show(uri, "alone", grouped.get(uri, []))

    def _show(self, uri: str, owner: str, diagnostics: list[types.Diagnostic]) -> None:
        """Send the diagnostics of a file, of all tenants, where they changed."""
        by_owner = self._shown.setdefault(uri, {})
        if by_owner.get(owner, []) == diagnostics:
            return
        by_owner[owner] = diagnostics
        if not diagnostics:
            del by_owner[owner]
        together: list[types.Diagnostic] = []
        for each in by_owner.values():
            together += [one for one in each if one not in together]
        self.publish(types.PublishDiagnosticsParams(uri, together))
