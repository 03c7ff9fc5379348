"""Corrections that an editor offers for a finding. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol import types

from ..findings.diagnostics import Finding
from ..findings.quote import nearest
from .diagnostics import to_diagnostic
from .paths import real_file, uri_of
from .ranges import Ranges, offset_of

_MEANT = re.compile(r"did you mean (?P<name>[^\s?]+)\?")
_MOST = 50


def list_fixes(
    findings: Iterable[Finding], root: Path, ranges: Ranges, uri: str, within: types.Range
) -> Iterator[types.CodeAction]:
    """Yield the corrections of findings in a range of a file."""
    count = 0
    for finding in findings:
        place = finding.place
        if place is None or uri_of(real_file(place.text.name, root)) != uri or count >= _MOST:
            continue
        if not _overlap(ranges.range_of(place), within):
            continue
        for title, edit in _list_edits(finding, root, ranges):
            count += 1
            yield types.CodeAction(
                title=title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[to_diagnostic(finding, root, ranges)],
                is_preferred=True,
                edit=edit,
            )


def _overlap(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _list_edits(
    finding: Finding, root: Path, ranges: Ranges
) -> Iterator[tuple[str, types.WorkspaceEdit]]:
    fix = getattr(finding, "fix", None)
    if fix is not None:
        changes: dict[str, list[types.TextEdit]] = {}
        for each in fix.edits:
            edit = types.TextEdit(ranges.between(each.text, each.start, each.end), each.new)
            changes.setdefault(uri_of(real_file(each.text.name, root)), []).append(edit)
        yield fix.title, types.WorkspaceEdit(changes)
        return
    meant = _MEANT.search(finding.hint or "")
    place = finding.place
    if meant is None or place is None:
        return
    start = offset_of(place)
    written = place.text.content[start : start + place.length]
    word = re.search(r"[\w./-]+", written)
    # A hint may name more than the place holds; then what it means is not certain.
    if word is None or nearest(word[0], [meant["name"]]) is None:
        return
    start += word.start()
    edit = types.TextEdit(ranges.between(place.text, start, start + len(word[0])), meant["name"])
    uri = uri_of(real_file(place.text.name, root))
    yield f"Write {meant['name']}", types.WorkspaceEdit({uri: [edit]})
