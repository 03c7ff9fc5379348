"""Rows become patterns: dictionaries that answer in one step each. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ...findings.diagnostics import Finding
from ...findings.wording import quoted
from .finding import shown
from .origin import Origin
from .table import ANY, Key, Options, Pattern, Row, key_text

_MAX_FINDINGS = 100


def patterns_of(
    name: str, rows: Iterable[Row], options: Options, *, origin: Origin
) -> tuple[tuple[Pattern, ...], tuple[Finding, ...]]:
    """The rows by the columns in which they are exact, the most specific pattern first.

    More exact cells go first, and of equally many those in earlier columns.
    There is a finding (E0602) for every row whose key an earlier row has.
    """
    groups: dict[tuple[int, ...], dict[Key, Row]] = {}
    findings: list[Finding] = []
    for row in rows:
        exact = tuple(column for column, cell in enumerate(row.key) if cell != ANY)
        cells = tuple(key_text(row.key[i], ignore_case=options.ignore_case) for i in exact)
        first = groups.setdefault(exact, {}).setdefault(cells, row)
        if first is not row and len(findings) < _MAX_FINDINGS:
            findings.append(_twice(name, first, row, origin))
    ordered = sorted(groups, key=lambda exact: (-len(exact), exact))
    return tuple(Pattern(exact, groups[exact]) for exact in ordered), tuple(findings)


def _twice(name: str, first: Row, row: Row, origin: Origin) -> Finding:
    earlier = origin.label(first.number) if first.number else shown(first.key)
    again = f", {origin.label(row.number)} again" if row.number and not origin.lines_of else ""
    return Finding(
        "E0602",
        f"the lookup {quoted(name)} has two rows for {shown(row.key)}",
        origin.place_at(row.number),
        hint=f"{earlier} says it already{again}; keep one of them",
    )
