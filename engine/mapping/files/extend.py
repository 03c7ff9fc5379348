"""A mapping file and everything it extends become one node.

`extends:` names one or several mappings: `base/sales_order` below the mappings
folder, or a name without a slash for a file in the same folder; `.yaml` may be
left out. The extended files are applied first; a file that several files extend
is applied once, before all of them. Files are read through the mappings folder
only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath

from ...findings.diagnostics import Finding, Place, SourceText, sort_findings
from ...findings.errors import ReadError
from ...findings.quote import did_you_mean, quoted
from .changes import Change, Changes
from .nodes import ListNode, MapNode, Node, Scalar
from .overlays import overlay, strip_directives
from .parse_yaml import MAX_BYTES, read_yaml
from .placements import read_placements
from .source_texts import Folder

MAX_FILES = 20

_SUFFIX = ".yaml"
_EXTENDS = "extends"
# Every file declares the version of the language that it is written in.
_DECLARED_IN_EVERY_FILE = frozenset({"erpmap"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as read: its path below the mappings folder, its text, its content."""

    path: str
    text: SourceText
    root: MapNode


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A mapping with its overlays applied and without `extends`; the findings are about overlays.

    `sources` are the files in the order in which they were applied; the requested file is the last.
    `changes` are what later files did to the entries of earlier ones.
    """

    node: MapNode
    findings: tuple[Finding, ...]
    sources: tuple[SourceFile, ...]
    changes: Changes

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of the files, in the order in which they were applied."""
        return tuple(source.path for source in self.sources)

    def path_from(self, place: Place, relative: str) -> str:
        """Return the path below the mappings folder of a path that is written at `place`.

        `relative` is relative to the folder of the file that contains it. Raise LookupError for a
        place in none of the files.
        """
        for source in self.sources:
            if source.text is place.text:
                return str(PurePosixPath(source.path).parent / relative)
        raise LookupError(place.text.name)


def load_overlaid(
    folder: Folder,
    path: str,
    *,
    wanted_by: Place | None = None,
    read: dict[str, SourceFile] | None = None,
) -> LoadedMapping:
    """Load the mapping at `path` (a posix path below the folder), with everything that it extends.

    `read` caches files between calls: a file that several mappings extend is read once.

    Raise ReadError with every finding of all the files when one cannot be read or found, or
    when they extend each other in a circle.
    """
    state = _LoadState(folder, {} if read is None else read)
    _gather(state, path, wanted_by=wanted_by, chain=())
    if state.findings:
        raise ReadError(f"{path} cannot be loaded", sort_findings(state.findings))
    return _merge_files(state.files)


def _merge_files(files: list[SourceFile]) -> LoadedMapping:
    first, *overlays = (_drop_extends(file.root) for file in files)
    result = strip_directives(first)
    findings = list(result.findings)
    changes: list[Change] = []
    for root in overlays:
        result = overlay(result.node, root, repeated=_DECLARED_IN_EVERY_FILE)
        findings.extend(result.findings)
        changes.extend(result.changes)
    assert isinstance(result.node, MapNode), "a map over a map is a map"
    return LoadedMapping(
        node=result.node,
        findings=sort_findings(findings),
        sources=tuple(files),
        changes=Changes.of(changes, (file.text.name for file in files)),
    )


def _drop_extends(root: MapNode) -> MapNode:
    return replace(root, entries=tuple(entry for entry in root.entries if entry.name != _EXTENDS))


@dataclass(frozen=True, slots=True)
class _LoadState:
    """The files found so far, in the order in which they are to be applied, and the findings."""

    folder: Folder
    read: dict[str, SourceFile]
    files: list[SourceFile] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def note(self, code: str, message: str, *, place: Place | None, hint: str | None) -> None:
        """Add a finding."""
        self.findings.append(Finding(code=code, message=message, place=place, hint=hint))


def _gather(
    state: _LoadState, path: str, *, wanted_by: Place | None, chain: tuple[str, ...]
) -> None:
    if path in chain:
        circle = " → ".join(map(_name, (*chain[chain.index(path) :], path)))
        message = f"{quoted(_name(path))} extends itself"
        state.note("E0120", message, place=wanted_by, hint=f"the circle is {circle}")
    elif path not in state.seen and _has_room(state, wanted_by):
        state.seen.add(path)
        file = _read(state, path, wanted_by=wanted_by, chain=chain)
        if file is not None:
            for below, place in _list_extended(state, file):
                _gather(state, below, wanted_by=place, chain=(*chain, path))
            state.files.append(file)


def _has_room(state: _LoadState, wanted_by: Place | None) -> bool:
    if sum(len(file.text.content) for file in state.files) > MAX_BYTES:
        message = f"the mapping and what it extends are larger than {MAX_BYTES:,} characters"
        state.note("E0104", message, place=wanted_by, hint="keep tables in lookup files")
        return False
    if len(state.seen) < MAX_FILES:
        return True
    message = f"the mapping extends more than {MAX_FILES} files"
    state.note("E0125", message, place=wanted_by, hint="merge some of them into one")
    return False


def _read(
    state: _LoadState, path: str, *, wanted_by: Place | None, chain: tuple[str, ...]
) -> SourceFile | None:
    if path in state.read:
        return state.read[path]
    try:
        text = state.folder.read(path, wanted_by=wanted_by)
        root = _read_once(text)
    except ReadError as error:
        state.findings.extend(
            _unknown_mapping_finding(state, path, finding=finding, chain=chain)
            if chain and finding.code == "E0101"
            else finding
            for finding in error.findings
        )
        return None
    if isinstance(root, MapNode):
        root, findings = read_placements(root)
        file = SourceFile(path, text, root)
        state.findings.extend(findings)
        if not findings:
            state.read[path] = file
        return file
    hint = "write `key: value` lines"
    state.note("E0118", "the file does not hold a map", place=root.place, hint=hint)
    return None


# By the object: the mappings folder returns one for a file that tenants share, while it is unchanged.
_read_once = lru_cache(maxsize=32)(read_yaml)


def _unknown_mapping_finding(
    state: _LoadState, path: str, *, finding: Finding, chain: tuple[str, ...]
) -> Finding:
    files = state.folder.names_beside(path)
    known = (_name(file) for file in files if file.endswith(_SUFFIX) and file not in chain)
    message = f"there is no mapping {quoted(_name(path))} to extend"
    return replace(finding, code="E0121", message=message, hint=did_you_mean(_name(path), known))


def _list_extended(state: _LoadState, file: SourceFile) -> Iterator[tuple[str, Place]]:
    written = file.root.get(_EXTENDS)
    if written is None:
        return
    items: tuple[Node, ...] = written.items if isinstance(written, ListNode) else (written,)
    for item in items:
        if isinstance(item, Scalar) and isinstance(item.value, str) and item.value:
            yield _path(item.value, file), item.place
        else:
            message = "`extends` names a mapping, or a list of mappings"
            hint = "write it like `extends: base/sales_order`"
            state.note("E0121", message, place=item.place, hint=hint)


def _path(name: str, file: SourceFile) -> str:
    path = PurePosixPath(name if name.endswith(_SUFFIX) else name + _SUFFIX)
    return str(path if "/" in name else PurePosixPath(file.path).parent / path)


def _name(path: str) -> str:
    return path.removesuffix(_SUFFIX)
