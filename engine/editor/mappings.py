"""One mappings folder in an editor: which tenants a change concerns, and what is known of each of them.

A check runs in a worker thread, one after another; everything that it hands over is immutable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ..bundled import bundled
from ..findings.diagnostics import Finding, SourceText
from ..findings.errors import ReadError
from ..mapping.files.extend import SourceFile, load_overlaid
from ..mapping.files.grammar import mapping_schema
from ..mapping.files.nodes import MapNode
from ..mapping.files.parse_yaml import read_yaml
from ..mapping.files.schema_check import check_shape
from ..mapping.kept_work import KeptMapping, KeptWork
from ..mapping.load import LoadedTenant, list_tenants, load_tenant
from .facts import MappingFacts, gather_facts
from .open_folder import OpenFolder, open_root
from .paths import TENANT_FILE

_MAPPING_ENDINGS = (".yaml", ".yml")
_NO_MAPPINGS = frozenset((TENANT_FILE, "simulator.yaml"))


@dataclass(frozen=True, slots=True)
class TenantView:
    """What is known of a tenant: its load, and its mappings as they were last compiled, by their names."""

    name: str
    loaded: LoadedTenant
    mappings: Mapping[str, MappingFacts] = field(default_factory=dict)

    @property
    def files(self) -> frozenset[str]:
        """The paths of the files that its mappings were last compiled from, its tenant.yaml included."""
        compiled = (path for each in self.mappings.values() for path in each.kept.loaded.files)
        tables = (path for each in self.mappings.values() for path in each.kept.tables)
        return frozenset((f"{self.name}/{TENANT_FILE}", *compiled, *tables))


@dataclass(slots=True)
class OpenMappings:
    """A mappings folder: its files with open documents over them, and a view of each tenant checked so far."""

    root: Path
    folder: OpenFolder
    views: dict[str, TenantView] = field(default_factory=dict)
    _kept: dict[str, KeptWork] = field(default_factory=dict)
    _files: dict[str, SourceFile] = field(default_factory=dict)
    # What was parsed for a request, before a check has come so far; None for what is no map.
    _parsed: dict[str, tuple[SourceText, MapNode | None]] = field(default_factory=dict)
    _facts: dict[tuple[str, str], MappingFacts] = field(default_factory=dict)

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants of the folder, with those whose tenant.yaml is open and not yet stored."""
        new = (
            PurePosixPath(path).parent.name
            for path in self.folder.documents
            if len(PurePosixPath(path).parts) == 2 and PurePosixPath(path).name == TENANT_FILE
        )
        return tuple(sorted({*list_tenants(self.root), *new}))

    def find_concerned(self, path: str) -> tuple[str, ...]:
        """Return the tenants that a change of a file concerns; the file's own tenant comes first."""
        own = PurePosixPath(path).parts[0]
        known = self.tenants()
        if own in known:
            others = (name for name, view in self.views.items() if path in view.files)
            return tuple(dict.fromkeys((own, *(name for name in others if name in known))))
        return tuple(
            name
            for name in known
            if name not in self.views
            or not self.views[name].loaded.ok
            or path in self.views[name].files
        )

    def check(self, tenant: str) -> TenantView:
        """Load a tenant; do only what its changes need. Called by the worker thread alone."""
        kept = self._kept.setdefault(tenant, KeptWork(files=self._files))
        # The documents of this moment, whatever is typed meanwhile.
        folder = replace(self.folder)
        loaded = load_tenant(folder, tenant, kept=kept)
        named = {str(each.value) for each in loaded.tenant.mappings} if loaded.tenant else None
        mappings = {
            name: self._gather(tenant, name, each)
            for name, each in kept.mappings.items()
            if named is None or name in named
        }
        return TenantView(name=tenant, loaded=loaded, mappings=mappings)

    def _gather(self, tenant: str, name: str, kept: KeptMapping) -> MappingFacts:
        before = self._facts.get((tenant, name))
        if before is None or before.kept is not kept:
            before = self._facts[tenant, name] = gather_facts(tenant, name, kept)
        return before

    def check_alone(self, path: str) -> tuple[Finding, ...]:
        """Return the findings about a mapping file that no tenant's mapping is compiled from."""
        folder = replace(self.folder)
        try:
            loaded = load_overlaid(folder, path)
        except ReadError as error:
            return tuple(error.findings)
        return (*loaded.findings, *check_shape(loaded.node, mapping_schema()))

    def is_alone(self, path: str) -> bool:
        """Return whether a file is a mapping that no tenant checked so far is compiled from."""
        name = PurePosixPath(path)
        is_mapping = name.suffix in _MAPPING_ENDINGS and name.name not in _NO_MAPPINGS
        return (
            is_mapping
            and len(name.parts) == 2
            and not any(path in view.files for view in self.views.values())
        )

    def parsed(self, path: str) -> MapNode | None:
        """Return the root of a file as it is now, documents included; None while it cannot be read."""
        text = self.text(path)
        known, own = self._files.get(path), self._parsed.get(path)
        if text is None:
            return None
        if known is not None and known.text is text:
            return known.root
        if own is None or own[0] is not text:
            own = self._parsed[path] = text, _read_map(text)
        return own[1]

    def list_files(self, folder: str) -> tuple[str, ...]:
        """Return the files that a mapping in a folder may name: beside it, its tables, and the base mappings."""
        places = (f"{folder}/any", f"{folder}/lookups/any", "base/any")
        names = (name for place in places for name in self.folder.names_beside(place))
        return tuple(dict.fromkeys(names))

    def text(self, path: str) -> SourceText | None:
        """Return the text of a file, documents included; None when it cannot be read."""
        try:
            return self.folder.read(path)
        except ReadError:
            return None


def _read_map(text: SourceText) -> MapNode | None:
    try:
        root = read_yaml(text)
    except ReadError:
        return None
    return root if isinstance(root, MapNode) else None


def open_mappings(root: Path) -> OpenMappings:
    """Open the mappings folder at a root."""
    return OpenMappings(root, open_root(root, bundled("mappings")))


def facts_of(views: Iterable[TenantView], path: str) -> tuple[MappingFacts, ...]:
    """Return the mappings that a file matters to; those that are compiled from it come first."""
    found = [
        (path not in each.kept.loaded.files, each)
        for view in views_of(views, path)
        for each in view.mappings.values()
    ]
    return tuple(each for _, each in sorted(found, key=lambda pair: pair[0]))


def views_of(views: Iterable[TenantView], path: str) -> tuple[TenantView, ...]:
    """Return the views that a file matters to; those whose mappings were compiled from it come first."""
    own = PurePosixPath(path).parts[0]
    return tuple(
        sorted(
            (view for view in views if path in view.files or view.name == own),
            key=lambda view: (path not in view.files, view.name != own, view.name),
        )
    )
