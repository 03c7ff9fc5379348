"""What `erpmap trace` does: print what values of the sources reach."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click
from rich.text import Text

from ...findings.diagnostics import Place
from ...findings.quote import did_you_mean, quoted
from ...run.lineage import Cause, OrderLineage, Role, list_sources
from ..corpus.chosen_order import read_chosen_order
from ..corpus.order_choice import OrderChoice
from ..explain.lineage_text import ROLE_NAMES, cut_text, show_place, show_value, value_document
from ..explain.traced_order import trace_chosen_order
from ..output.terminal import console, print_json

_ANY_ENTRY = re.compile(r"\\\[(?:\\\*)?\\\]")


@dataclass(frozen=True, slots=True)
class _Reached:
    """A value of a payload, or a check: its name, value and place, and how the source takes part in it."""

    name: str
    role: Role
    value: object = None
    place: Place | None = None


def trace_source(root: Path, tenant: str, choice: OrderChoice, path: str, form: str) -> NoReturn:
    """Print every value and check that the values at a path reach, and exit."""
    lineage = trace_chosen_order(read_chosen_order(root, tenant, choice, form), form).lineage
    pattern = _compile_pattern(path)
    sources = {name: value for name, value in _list_values(lineage) if pattern.fullmatch(name)}
    if not sources:
        known = [name for name, _ in _list_values(lineage)]
        near = did_you_mean(path, known, otherwise=f"its sources: {', '.join(lineage.documents)}")
        raise click.UsageError(f"the order has no {quoted(path)}; {near}")
    values = [
        _Reached(f"{lineage.types[leaf.record]}.{leaf.path}", role, leaf.value)
        for leaf in lineage.leaves
        if not leaf.is_left_out and (role := _find_role(leaf.cause, pattern)) is not None
    ]
    checks = [
        _Reached(check.name, role, place=check.place)
        for check in lineage.checks
        if (role := _find_role(check.cause, pattern)) is not None
    ]
    if form == "json":
        print_json(_document(sources, values, checks))
    else:
        _print(sources, values, checks)
    sys.exit(0)


def _compile_pattern(path: str) -> re.Pattern[str]:
    """Return the pattern of the values at a path or below it; `[]` stands for every entry."""
    escaped = _ANY_ENTRY.sub(r"\\[\\d+\\]", re.escape(path))
    return re.compile(rf"{escaped}(?:[.\[].*)?", re.DOTALL)


def _find_role(cause: Cause, pattern: re.Pattern[str]) -> Role | None:
    roles = [role for source, role in list_sources(cause).items() if pattern.fullmatch(source.path)]
    return min(roles, default=None)


def _list_values(lineage: OrderLineage) -> Iterator[tuple[str, object]]:
    """Yield every value of the sources with its path."""
    for name, document in lineage.documents.items():
        yield from _list_below(name, document)


def _list_below(path: str, value: object) -> Iterator[tuple[str, object]]:
    waiting: list[tuple[str, object]] = [(path, value)]
    while waiting:
        name, found = waiting.pop()
        if isinstance(found, dict) and found:
            waiting += [(f"{name}.{key}", each) for key, each in reversed(found.items())]
        elif isinstance(found, list) and found:
            waiting += [(f"{name}[{index}]", each) for index, each in _reversed(found)]
        else:
            yield name, found


def _reversed(found: list[object]) -> list[tuple[int, object]]:
    return list(reversed(list(enumerate(found))))


def _print(sources: Mapping[str, object], values: list[_Reached], checks: list[_Reached]) -> None:
    for name, value in sources.items():
        console().print(Text.assemble((cut_text(name, 200), "bold"), f" = {show_value(value)}"))
    _print_reached("payload values", values)
    _print_reached("checks and conditions", checks)


def _print_reached(heading: str, found: list[_Reached]) -> None:
    console().print(Text(f"\n{heading}{'' if found else ': none'}", style="bold"))
    width = max((len(cut_text(each.name, 70)) for each in found), default=0)
    for each in found:
        line = Text(f"  {cut_text(each.name, 70):<{width}}  {ROLE_NAMES[each.role]:<8}  ")
        shown = show_value(each.value) if each.place is None else show_place(each.place)
        console().print(line.append(shown, style="dim"))


def _document(
    sources: Mapping[str, object], values: list[_Reached], checks: list[_Reached]
) -> dict[str, object]:
    return {
        "sources": [
            {"path": name, "value": value_document(value)} for name, value in sources.items()
        ],
        "values": [
            {
                "path": each.name,
                "role": ROLE_NAMES[each.role],
                "value": value_document(each.value),
            }
            for each in values
        ],
        "checks": [
            {
                "name": each.name,
                "role": ROLE_NAMES[each.role],
                "place": None if each.place is None else show_place(each.place),
            }
            for each in checks
        ],
    }
