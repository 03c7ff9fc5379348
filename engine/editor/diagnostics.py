"""Findings as the diagnostics of an editor, by the files that they are about. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from lsprotocol import types

from ..bundled import bundled
from ..findings.diagnostics import Finding, Place
from .paths import TENANT_FILE, real_file, uri_of
from .ranges import Ranges

SOURCE = "erpmap"
# The page of findings is beside the schemas in a checkout; an installed program comes without it.
_PAGE = bundled("schemas").parent / "docs" / "findings.md"
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
}
# An editor is slow with thousands of them, and nobody reads them.
_MOST = 500


def group_by_file(
    findings: Iterable[Finding], root: Path, ranges: Ranges, otherwise: str
) -> dict[str, list[types.Diagnostic]]:
    """Return the diagnostics by the addresses of their files.

    A finding without a place is about the file `otherwise`, a path below the root.
    """
    grouped: dict[str, list[types.Diagnostic]] = {}
    for finding in findings:
        name = otherwise if finding.place is None else finding.place.text.name
        found = grouped.setdefault(uri_of(real_file(name, root)), [])
        if len(found) < _MOST:
            found.append(to_diagnostic(finding, root, ranges))
    return grouped


def own_file(tenant: str) -> str:
    """Return the file that findings about a tenant as a whole are shown in."""
    return f"{tenant}/{TENANT_FILE}"


def to_diagnostic(finding: Finding, root: Path, ranges: Ranges) -> types.Diagnostic:
    """Return the diagnostic of a finding; its hint stands on a line of its own."""
    hint = f"\n{finding.hint}" if finding.hint else ""
    start = types.Position(0, 0)
    return types.Diagnostic(
        range=types.Range(start, start)
        if finding.place is None
        else ranges.range_of(finding.place),
        message=_printable(f"{finding.message}{hint}"),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_describe_code(finding.code),
        source=SOURCE,
        related_information=[_related(each, root, ranges) for each in finding.related] or None,
    )


@cache
def _describe_code(code: str) -> types.CodeDescription | None:
    return types.CodeDescription(f"{uri_of(_PAGE)}#{code.lower()}") if _PAGE.is_file() else None


def _related(
    each: tuple[Place, str], root: Path, ranges: Ranges
) -> types.DiagnosticRelatedInformation:
    place, words = each
    uri = uri_of(real_file(place.text.name, root))
    return types.DiagnosticRelatedInformation(
        types.Location(uri, ranges.range_of(place)), _printable(words)
    )


def _printable(text: str) -> str:
    """Return a text that can be encoded: half characters are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
