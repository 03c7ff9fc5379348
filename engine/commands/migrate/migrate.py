"""What `erpmap migrate` does: rewrite the earlier spelling of mapping files, keeping all other text."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import click

from ...findings.diagnostics import Finding
from ...findings.errors import ReadError
from ...mapping.files.parse_yaml import MAX_BYTES
from ...mapping.files.respell import respell
from ...mapping.load import TENANT_FILE
from ..exit import FINDINGS, exit_with_findings
from ..file_changes import (
    FileChange,
    OriginalFile,
    offer_changes,
    print_changes_json,
    read_original,
)

# Folders of a tenant without mappings, and files that are none.
_OTHER_FOLDERS = frozenset(("cases", "lookups", "schemas", "secrets"))
_OTHER_FILES = frozenset((TENANT_FILE, "simulator.yaml"))


def migrate_files(root: Path, names: Sequence[str], *, write: bool, form: str) -> NoReturn:
    """Show, and write if that is wished, the files in the present spelling; exit: 0 when all have it."""
    changes: list[FileChange] = []
    findings: list[Finding] = []
    paths = list(_list_files(root, names))
    for path, within in paths:
        try:
            changes += _migrate_file(read_original(path, within, MAX_BYTES))
        except ReadError as error:
            findings += error.findings
    if findings and form == "json":
        print_changes_json(changes, findings, is_written=False)
    elif findings:
        click.echo("nothing was written", err=True)
        exit_with_findings(findings, form)
    else:
        is_written = offer_changes(changes, write=write, form=form)
        if form == "json":
            print_changes_json(changes, (), is_written=is_written)
        if not changes and form == "human":
            plural = "" if len(paths) == 1 else "s"
            click.echo(f"nothing to rewrite in {len(paths):,} file{plural}", err=True)
        sys.exit(0 if is_written or not changes else FINDINGS)
    sys.exit(FINDINGS)


def _migrate_file(original: OriginalFile) -> list[FileChange]:
    """Return the change of a file, if there is one. Raise ReadError."""
    edits = respell(original.text)
    return [original.change(edits)] if edits else []


def _list_files(root: Path, names: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    """Yield each file once, with the folder that it must not lead out of. Raise UsageError."""
    seen: set[Path] = set()
    for name in names or _list_folders(root):
        found = list(_list_named(root, name))
        for path, within in found:
            if path.absolute() not in seen:
                seen.add(path.absolute())
                yield path, within


def _list_folders(root: Path) -> list[str]:
    if not root.is_dir():
        hint = "name it with --mappings DIR or ERPMAP_MAPPINGS"
        raise click.UsageError(f"there is no folder {str(root)!r}; {hint}")
    return sorted(path.name for path in root.iterdir() if path.is_dir() and path.name[0] != ".")


def _list_named(root: Path, name: str) -> Iterator[tuple[Path, Path]]:
    path = Path(name)
    if path.name in _OTHER_FILES:
        raise click.UsageError(f"{name!r} is no mapping: only mappings have something to rewrite")
    if path.is_file():
        yield path, path.resolve().parent
        return
    folder = root / name
    if len(path.parts) != 1 or name == ".." or not folder.is_dir():
        words = f"there is no file {name!r}, and no such folder in {str(root)!r}"
        raise click.UsageError(words)
    for file in sorted(folder.rglob("*.yaml")):
        is_other = _OTHER_FOLDERS.intersection(file.relative_to(folder).parts[:-1])
        if not is_other and file.name not in _OTHER_FILES:
            yield file, root
