"""Format findings as text, JSON, GitHub commands or SARIF.

mappings/dodici/sales_order.yaml:31:18: error[E0204]: order.grandTotl is not selected
   31 |   total: {path: order.grandTotl, type: money}
      |                 ^^^^^^^^^^^^^^^ did you mean order.grandTotal?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...documents import write_json
from ...findings.codes import CODES
from ...findings.diagnostics import Finding, Fix, Place, Severity, TextEdit, sort_findings
from .excerpt import clean, cut_excerpt

Findings = Sequence[Finding]
Styled = list[tuple[str, str]]

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def as_styled(finding: Finding) -> Styled:
    """Return a finding for people as (text, style) pairs; the texts joined are its plain form."""
    position = f"{clean(str(finding.place))}: " if finding.place else ""
    colour = _COLOURS[finding.severity]
    pieces: Styled = [
        (position, "bold"),
        (f"{finding.severity}[{finding.code}]", colour),
        (f": {clean(finding.message)}\n", "bold"),
    ]
    hint = clean(finding.hint) if finding.hint else ""
    suggestion, rest = _split_hint(hint)
    shown = cut_excerpt(finding.place) if finding.place else None
    if shown is not None:
        gutter = max(5, len(str(shown.number)) + 3)
        pieces += [
            (f"{shown.number:>{gutter}} | ", "dim"),
            (f"{shown.line}\n", ""),
            (f"{'':>{gutter}} | ", "dim"),
            (f"{shown.caret} {suggestion}".rstrip() + "\n", colour),
        ]
        hint = rest
    if hint:
        pieces.append((f"   help: {hint}\n", "cyan"))
    pieces += [
        (f"   see: {clean(str(place))}: {clean(words)}\n", "dim")
        for place, words in finding.related
    ]
    context = " · ".join(clean(part) for part in (finding.subject, finding.trail) if part)
    if context:
        pieces.append((f"   in: {context}\n", "dim"))
    return pieces


def _split_hint(hint: str) -> tuple[str, str]:
    """Return the suggestion, which is shown beside the caret, and the rest of a hint."""
    if not hint.startswith("did you mean"):
        return "", hint
    suggestion, mark, rest = hint.partition("? ")
    return suggestion + mark.rstrip(), rest


def as_text(findings: Findings) -> str:
    """Return all findings for people, without colour, and a line that counts them."""
    ordered = sort_findings(findings)
    blocks = ["".join(text for text, _ in as_styled(finding)) for finding in ordered]
    return "\n".join([*blocks, count_findings(ordered) + "\n"]) if ordered else ""


def as_case_text(findings: Findings) -> str:
    """Return findings as a case expects them: without places, which change with every edit."""
    return "\n".join("".join(map(_case_line, _case_parts(finding))) for finding in findings)


def _case_parts(finding: Finding) -> Iterator[tuple[str, str]]:
    yield f"{finding.severity}[{finding.code}]", finding.message
    if finding.hint:
        yield "   help", finding.hint
    if finding.trail:
        yield "   in", finding.trail


def _case_line(words: tuple[str, str]) -> str:
    return f"{words[0]}: {clean(words[1])}\n"


def count_findings(findings: Findings) -> str:
    """Return the numbers of findings, for example `2 errors, 1 warning`."""
    parts = []
    for severity in Severity:
        count = sum(finding.severity is severity for finding in findings)
        if count:
            parts.append(f"{count:,} {severity}{'s' if count > 1 else ''}")
    return ", ".join(parts) or "no findings"


def as_document(finding: Finding) -> dict[str, object]:
    """Return a finding as a JSON object; without a place its position is null. A fix is there if known."""
    place = finding.place
    fix = {} if finding.fix is None else {"fix": _fix_document(finding.fix)}
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        **(_position(place) if place else dict.fromkeys(("file", "line", "column", "length"))),
        "hint": finding.hint,
        "subject": finding.subject,
        "trail": finding.trail,
        **fix,
        "related": [{**_position(there), "message": words} for there, words in finding.related],
    }


def _position(place: Place) -> dict[str, object]:
    return {
        "file": place.text.name,
        "line": place.line,
        "column": place.column,
        "length": place.length,
    }


def _fix_document(fix: Fix) -> dict[str, object]:
    """Return a fix as a JSON object: each edit from a line and column up to, without, another."""
    edits = []
    for edit in fix.edits:
        line, column = edit.text.position(edit.start)
        end_line, end_column = edit.text.position(edit.end)
        edits.append(
            {
                "file": edit.text.name,
                "line": line,
                "column": column,
                "end_line": end_line,
                "end_column": end_column,
                "new": edit.new,
            }
        )
    return {"title": fix.title, "edits": edits}


def as_json(findings: Findings) -> str:
    """Return a JSON array of findings."""
    return write_json([as_document(f) for f in sort_findings(findings)], indent=2) + "\n"


def as_github(findings: Findings) -> str:
    """Return workflow commands, which GitHub shows beside the changed lines."""
    lines = []
    for finding in sort_findings(findings):
        place = finding.place
        position = (
            f" file={_property(place)},line={place.line},col={place.column}," if place else " "
        )
        message = clean(_sentence(finding))
        lines.append(
            f"::{finding.severity}{position}title={finding.code}::{message.replace('%', '%25')}"
        )
    return "".join(line + "\n" for line in lines)


def _sentence(finding: Finding) -> str:
    """Return a finding in one line, for formats that show no more places."""
    hint = f" ({finding.hint})" if finding.hint else ""
    return (
        finding.message + hint + "".join(f"; {place}: {words}" for place, words in finding.related)
    )


def _property(place: Place) -> str:
    """Return a file's name as the property of a workflow command."""
    name = clean(place.text.name)
    return name.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: Findings) -> str:
    """Return SARIF 2.1.0, the format of code-scanning services."""
    ordered = sort_findings(findings)
    rules = [
        {"id": code, "shortDescription": {"text": CODES.get(code, code)}}
        for code in sorted({finding.code for finding in ordered})
    ]
    run = {
        "tool": {"driver": {"name": "erpmap", "rules": rules}},
        "results": [_sarif_result(finding) for finding in ordered],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return write_json({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _sarif_result(finding: Finding) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "level": str(finding.severity),
        "message": {"text": finding.message + (f" ({finding.hint})" if finding.hint else "")},
    }
    place = finding.place
    if place is not None:
        result["locations"] = [_sarif_location(place)]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_sarif_location(there), "message": {"text": words}}
            for number, (there, words) in enumerate(finding.related, start=1)
        ]
    if finding.fix is not None:
        changes = [_sarif_change(edit) for edit in finding.fix.edits]
        result["fixes"] = [{"description": {"text": finding.fix.title}, "artifactChanges": changes}]
    return result


def _sarif_location(place: Place) -> dict[str, object]:
    region = {"startLine": place.line, "startColumn": place.column}
    location = {"artifactLocation": {"uri": place.text.name}, "region": region}
    return {"physicalLocation": location}


def _sarif_change(edit: TextEdit) -> dict[str, object]:
    line, column = edit.text.position(edit.start)
    end_line, end_column = edit.text.position(edit.end)
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    replacement = {"deletedRegion": region, "insertedContent": {"text": edit.new}}
    return {"artifactLocation": {"uri": edit.text.name}, "replacements": [replacement]}


FORMATS: dict[str, Callable[[Findings], str]] = {
    "human": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
