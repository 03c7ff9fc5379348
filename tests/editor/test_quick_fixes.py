"""Corrections of findings: those that a finding has, and those that its hint says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types

from engine.editor.fixes import list_fixes
from engine.editor.paths import uri_of
from engine.editor.ranges import Ranges
from engine.findings.diagnostics import Finding, Place, Severity, SourceText

ROOT = Path("/mappings")
TEXT = SourceText("a/b.yaml", "x: 😀 order.grandTotl\ny: z\n")
HERE = Place(TEXT, line=1, column=12, length=9)
EVERYTHING = types.Range(types.Position(0, 0), types.Position(9, 0))


def fixes(finding: Any, within: types.Range = EVERYTHING) -> list[types.CodeAction]:
    return list(list_fixes([finding], ROOT, Ranges(), uri_of(ROOT / "a/b.yaml"), within))


def test_what_was_meant_is_written() -> None:
    (fix,) = fixes(Finding("E0204", "wrong", HERE, hint="did you mean grandTotal?"))
    assert fix.title == "Write grandTotal"
    assert fix.edit is not None
    assert fix.edit.changes is not None
    ((edit,),) = fix.edit.changes.values()
    assert (edit.range.start.character, edit.range.end.character) == (12, 21)
    assert edit.new_text == "grandTotal"


@pytest.mark.parametrize("hint", [None, "write it", "did you mean something_else[0].entirely?"])
def test_a_hint_that_is_not_certain_is_none(hint: str | None) -> None:
    assert fixes(Finding("E0204", "wrong", HERE, hint=hint)) == []


def test_a_finding_elsewhere_has_none_here() -> None:
    below = types.Range(types.Position(1, 0), types.Position(1, 3))
    assert fixes(Finding("E0204", "wrong", HERE, hint="did you mean grandTotal?"), below) == []


def test_a_finding_brings_its_own() -> None:
    edits = (
        SimpleNamespace(text=TEXT, start=0, end=1, new="w"),
        SimpleNamespace(text=SourceText("a/c.yaml", "v"), start=0, end=1, new=""),
    )
    finding = SimpleNamespace(
        place=HERE, hint="did you mean grandTotal?", code="E0204", message="m",
        severity=Severity.ERROR, related=(), fix=SimpleNamespace(title="Rename x", edits=edits),
    )  # fmt: skip
    (fix,) = fixes(finding)
    assert fix.title == "Rename x"
    assert fix.edit is not None
    assert set(fix.edit.changes or {}) == {uri_of(ROOT / "a/b.yaml"), uri_of(ROOT / "a/c.yaml")}
