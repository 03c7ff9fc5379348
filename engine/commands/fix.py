"""What `erpmap validate --fix` does: apply the fixes of findings to the files of tenants, and validate again.

Only files of the tenants' own folders and of `base` beside them are changed, never those that erpmap ships.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NoReturn

import click

from ..findings.diagnostics import Fix, SourceText, TextEdit, apply_edits
from ..findings.errors import ReadError
from ..mapping.files.folder import SHIPPED
from ..mapping.files.parse_yaml import MAX_BYTES, read_yaml
from ..mapping.files.tenant import is_masked_copy
from ..mapping.load import LoadedTenant
from .exit import FINDINGS
from .file_changes import (
    FileChange,
    OriginalFile,
    offer_changes,
    print_changes_json,
    read_original,
)
from .output.terminal import print_validation
from .tenants import load_named_tenant, select_tenants

_BASE = "base"
# A fix may bring another one to light; this many changes of files end that.
_MOST_CHANGES = 100
_PROGRAM = Path(__file__).parents[1]


def fix_tenants(root: Path, tenant: str | None, *, write: bool, form: str) -> NoReturn:
    """Show, and write if that is wished, the fixes of a tenant or of all; exit as `validate` does.

    What is written is checked again, and fixed again if that shows more.
    """
    names = select_tenants(root, tenant)
    changes: list[FileChange] = []
    applied, is_written = 0, True
    while True:
        loaded = [load_named_tenant(root, name) for name in names]
        plan = _plan_fixes(root, loaded)
        new = plan.list_changes()
        if form == "human" and not (write and new):
            print_validation(loaded)
        if not new or len(changes) >= _MOST_CHANGES:
            break
        changes += new
        is_written = offer_changes(new, write=write, form=form)
        if not is_written:
            break
        applied += plan.count
    if form == "json":
        findings = [finding for it in loaded for finding in it.findings]
        print_changes_json(changes, findings, is_written=is_written)
    else:
        _print_counts(applied, plan)
    sys.exit(0 if all(it.ok for it in loaded) else FINDINGS)


@dataclass(slots=True)
class _FixPlan:
    """The fixes that can be applied: the edits of each file, by its path below the mappings folder.

    `count` is their number; `left` is that of the others: for files that may not be changed, and those
    that collide with an earlier one.
    """

    root: Path
    allowed: frozenset[str]
    edits: dict[str, list[TextEdit]] = field(default_factory=dict)
    originals: dict[str, OriginalFile | None] = field(default_factory=dict)
    count: int = 0
    left: int = 0

    def take(self, fix: Fix, paths: Sequence[str]) -> None:
        """Add a fix, or count it as left; `paths` are those of the files of its edits."""
        pairs = list(zip(paths, fix.edits, strict=True))
        if all(self._is_taken(path, edit) for path, edit in pairs):
            return
        if all(self._can_take(path, edit) for path, edit in pairs):
            for path, edit in pairs:
                self.edits.setdefault(path, []).append(edit)
            self.count += 1
        else:
            self.left += 1

    def list_changes(self) -> list[FileChange]:
        """Return the change of each file; a file that could not be read afterwards stays as it is."""
        changes = []
        for path, edits in self.edits.items():
            original = self.originals[path]
            if original is not None and _can_be_read(original, edits):
                changes.append(original.change(edits))
            else:
                self.left += len(edits)
                self.count -= len(edits)
        return changes

    def _is_taken(self, path: str, edit: TextEdit) -> bool:
        taken = ((it.start, it.end, it.new) for it in self.edits.get(path, ()))
        return (edit.start, edit.end, edit.new) in taken

    def _can_take(self, path: str, edit: TextEdit) -> bool:
        original = self._read(path)
        if original is None or not is_masked_copy(edit.text, original.text):
            return False
        return all(edit.end <= it.start or it.end <= edit.start for it in self.edits.get(path, ()))

    def _read(self, path: str) -> OriginalFile | None:
        """Read a file once; None where it may not be changed."""
        if path not in self.originals:
            self.originals[path] = self._read_allowed(path)
        return self.originals[path]

    def _read_allowed(self, path: str) -> OriginalFile | None:
        folder = PurePosixPath(path).parts[0] if path else ""
        if folder not in self.allowed:
            return None
        try:
            return read_original(self.root / path, self.root / folder, MAX_BYTES)
        except ReadError:
            return None


def _plan_fixes(root: Path, loaded: Sequence[LoadedTenant]) -> _FixPlan:
    """Return the fixes of all findings; each once, however many mappings share a file."""
    is_installed = (root / _BASE).resolve().is_relative_to(_PROGRAM)
    base = () if is_installed else (_BASE,)
    plan = _FixPlan(root, frozenset((*(it.name for it in loaded), *base)))
    for it in loaded:
        own = {text.name: path for path, text in it.texts.items() if not _is_shipped(text)}
        for finding in it.findings:
            if finding.fix is not None:
                plan.take(finding.fix, [own.get(e.text.name, "") for e in finding.fix.edits])
    return plan


def _is_shipped(text: SourceText) -> bool:
    return PurePosixPath(text.name).parts[:1] == (SHIPPED,)


def _can_be_read(original: OriginalFile, edits: Sequence[TextEdit]) -> bool:
    text = original.text
    try:
        read_yaml(SourceText(text.name, apply_edits(text.content, edits)))
    except ReadError:
        return False
    return True


def _print_counts(applied: int, plan: _FixPlan) -> None:
    """Print how many fixes were applied, and how many are still to be applied or cannot be."""
    words = [f"{_count(applied)} applied"]
    if plan.count:
        words.append(f"{_count(plan.count)} found")
    if plan.left:
        why = "in files of other folders, or in a place that another fix changes"
        words.append(f"{_count(plan.left)} left: {why}")
    click.echo("; ".join(words), err=True)


def _count(fixes: int) -> str:
    return f"{fixes:,} fix{'' if fixes == 1 else 'es'}"
