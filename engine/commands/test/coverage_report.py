"""Shows which parts of the mappings the cases reach: a table, JSON, or Cobertura XML for build servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...orders.report.excerpt import clean
from ...run.coverage import KINDS, CoveragePoint
from ..output.terminal import console, print_data, print_json
from .junit import write_attribute

# Points of each tenant that are listed; `json` has all.
_MAX_LISTED = 200
_BRANCH = "branch"
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class TenantCoverage:
    """The points of a tenant's mappings, and whether its cases reach each."""

    tenant: str
    points: Mapping[CoveragePoint, bool]


def count_percent(tenants: Sequence[TenantCoverage]) -> Decimal:
    """Return the share of points that are reached, in per cent, rounded down to a tenth; 100 without points."""
    reached = sum(sum(it.points.values()) for it in tenants)
    return _percent(reached, sum(len(it.points) for it in tenants))


def print_coverage(tenants: Sequence[TenantCoverage], form: str) -> None:
    """Print the coverage as `text`, `json` or `cobertura`."""
    if form == "json":
        print_json([_document(it) for it in tenants])
    elif form == "cobertura":
        print_data(write_cobertura(tenants))
    else:
        for it in tenants:
            _print_table(it)


def write_cobertura(tenants: Sequence[TenantCoverage]) -> str:
    """Return Cobertura XML: a package for each tenant, a class for each file, branches as conditions of lines."""
    packages = "".join(_write_package(it) for it in tenants)
    lines, branches = _count_lines(tenants)
    rates = f'line-rate="{_rate(*lines)}" branch-rate="{_rate(*branches)}"'
    counts = (
        f'lines-covered="{lines[0]}" lines-valid="{lines[1]}" '
        f'branches-covered="{branches[0]}" branches-valid="{branches[1]}"'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<coverage {rates} {counts} complexity="0" version="erpmap" timestamp="0">\n'
        f"<sources><source>.</source></sources>\n<packages>\n{packages}</packages>\n</coverage>\n"
    )


def _print_table(it: TenantCoverage) -> None:
    table = Table(title=Text(clean(it.tenant)), title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("reached by cases")
    for heading in ("reached", "of", "per cent"):
        table.add_column(heading, justify="right")
    for kind in KINDS:
        found = [is_reached for point, is_reached in it.points.items() if point.kind == kind]
        if found:
            plural = "es" if kind == _BRANCH else "s"
            table.add_row(kind + plural, *_cells(sum(found), len(found)))
    table.add_section()
    table.add_row("all", *_cells(sum(it.points.values()), len(it.points)), style="bold")
    target = console()
    target.print(table)
    missed = sorted(_list_missed(it), key=lambda point: (point.file, point.line, point.column))
    for point in missed[:_MAX_LISTED]:
        target.print(Text(clean(f"{point.file}:{point.line}  {point.kind}  {point.text}")))
    if len(missed) > _MAX_LISTED:
        rest = len(missed) - _MAX_LISTED
        target.print(f"and {rest:,} more; --coverage-format json has all")


def _cells(reached: int, count: int) -> tuple[str, str, str]:
    return f"{reached:,}", f"{count:,}", f"{_percent(reached, count)}"


def _list_missed(it: TenantCoverage) -> Iterator[CoveragePoint]:
    return (point for point, is_reached in it.points.items() if not is_reached)


def _percent(reached: int, count: int) -> Decimal:
    if not count:
        return Decimal(100)
    return (Decimal(100 * reached) / count).quantize(_TENTH, rounding=ROUND_FLOOR)


def _document(it: TenantCoverage) -> dict[str, object]:
    return {
        "tenant": it.tenant,
        "reached": sum(it.points.values()),
        "count": len(it.points),
        "per_cent": _percent(sum(it.points.values()), len(it.points)),
        "points": [
            {
                "kind": point.kind,
                "file": point.file or None,
                "line": point.line or None,
                "column": point.column or None,
                "text": point.text,
                "is_reached": is_reached,
            }
            for point, is_reached in it.points.items()
        ],
    }


def _group_lines(it: TenantCoverage) -> dict[str, dict[int, list[bool]]]:
    """Return whether each point is reached, by file and line."""
    files: dict[str, dict[int, list[bool]]] = {}
    for point, is_reached in it.points.items():
        files.setdefault(point.file, {}).setdefault(point.line, []).append(is_reached)
    return files


def _count_lines(tenants: Sequence[TenantCoverage]) -> tuple[tuple[int, int], tuple[int, int]]:
    lines = [
        found for it in tenants for file in _group_lines(it).values() for found in file.values()
    ]
    branches = [each for found in lines if len(found) > 1 for each in found]
    return (sum(map(any, lines)), len(lines)), (sum(branches), len(branches))


def _rate(reached: int, count: int) -> str:
    return f"{Decimal(reached) / count:.4f}" if count else "1"


def _write_package(it: TenantCoverage) -> str:
    lines, branches = _count_lines([it])
    classes = "".join(_write_class(file, found) for file, found in sorted(_group_lines(it).items()))
    rates = f'line-rate="{_rate(*lines)}" branch-rate="{_rate(*branches)}" complexity="0"'
    name = write_attribute(it.tenant)
    return f"<package name={name} {rates}>\n<classes>\n{classes}</classes>\n</package>\n"


def _write_class(file: str, found: Mapping[int, Sequence[bool]]) -> str:
    reached = sum(map(any, found.values()))
    branches = [each for points in found.values() if len(points) > 1 for each in points]
    rates = f'line-rate="{_rate(reached, len(found))}" branch-rate="{_rate(sum(branches), len(branches))}"'
    name = write_attribute(file)
    lines = "".join(_write_line(number, points) for number, points in sorted(found.items()))
    head = f'<class name={name} filename={name} {rates} complexity="0">'
    return f"{head}\n<methods/>\n<lines>\n{lines}</lines>\n</class>\n"


def _write_line(number: int, points: Sequence[bool]) -> str:
    hits = sum(points)
    if len(points) == 1:
        return f'<line number="{number}" hits="{hits}" branch="false"/>\n'
    share = f"{100 * hits // len(points)}% ({hits}/{len(points)})"
    return f'<line number="{number}" hits="{hits}" branch="true" condition-coverage="{share}"/>\n'
