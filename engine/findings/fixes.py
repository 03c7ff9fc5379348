"""Fixes of findings with exactly one right answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .diagnostics import Finding, Fix, Place, TextEdit
from .quote import Suggestion

# What may be written in any place of a file without quotes or escapes.
_PLAIN_WORD = re.compile(r"\$?[A-Za-z_][\w-]*", re.ASCII)
# Findings about names that authors declare.
_DECLARED = frozenset(("E0122", "E0123", "E0204", "E0207", "E0208", "E0209", "E0210", "E0213"))


def fix_word(place: Place | None, suggestion: Suggestion | None) -> Fix | None:
    """Return the fix that writes the only near word in place of a misspelled one.

    None where no word or several are near, or the misspelled one does not stand exactly once at the
    place: then it is written with escapes, or the place is cut.
    """
    if place is None or suggestion is None or suggestion.only is None:
        return None
    word, right = suggestion.word, suggestion.only
    if not _PLAIN_WORD.fullmatch(right):
        return None
    start = place.offset
    written = place.text.content[start : start + place.length]
    found = list(re.finditer(rf"(?<![\w$-]){re.escape(word)}(?![\w-])", written))
    if len(found) != 1:
        return None
    first, last = found[0].span()
    edit = TextEdit(place.text, start=start + first, end=start + last, new=right)
    return Fix(f"write {right}", (edit,))


def keep_sure_fixes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings without the fixes of a word that stands in several places.

    A name that an author uses twice and declares once is likely misspelled where it is declared. Names
    that the language gives (filters, keys) are not declared by anybody.
    """
    findings = tuple(findings)
    places: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for finding in findings:
        for edit, change in _list_changes(finding):
            places.setdefault(change, set()).add((edit.text.name, edit.start))
    unsure = {change for change, found in places.items() if len(found) > 1}
    return tuple(
        replace(finding, fix=None)
        if any(change in unsure for _, change in _list_changes(finding))
        else finding
        for finding in findings
    )


def _list_changes(finding: Finding) -> Iterator[tuple[TextEdit, tuple[str, str]]]:
    """Yield the edits that write another name for one that an author chooses, with both names."""
    if finding.code in _DECLARED and finding.fix is not None:
        for edit in finding.fix.edits:
            word = edit.text.content[edit.start : edit.end]
            if word:
                yield edit, (word, edit.new)


def insert_text(place: Place, text: str, title: str) -> Fix:
    """Return the fix that inserts a text at a place, in front of its first character."""
    return Fix(title, (TextEdit(place.text, start=place.offset, end=place.offset, new=text),))
