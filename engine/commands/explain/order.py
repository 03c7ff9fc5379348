"""What `erpmap explain` prints of an order: where the values of its payloads come from."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from rich.text import Text

from ...findings.quote import did_you_mean, quoted
from ...run.lineage import Leaf, OrderLineage, Role, list_sources
from ..corpus.chosen_order import read_chosen_order
from ..corpus.order_choice import OrderChoice
from ..output.terminal import console, print_json
from .lineage_text import (
    LEFT_OUT,
    branch_document,
    build_branches,
    cut_text,
    describe_positions,
    first_place,
    list_paths,
    list_positions,
    show_place,
    show_value,
    sources_document,
    style_tree,
    value_document,
)
from .traced_order import TracedOrder, trace_chosen_order

_SHORT_LIST = re.compile(r"(?<!\.items)\[(\d+)\]")
_MOST_SOURCES = 3


def explain_order(
    root: Path, tenant: str, choice: OrderChoice, path: str | None, form: str
) -> NoReturn:
    """Print the chain of a value of a payload, or where every value comes from, and exit."""
    traced = trace_chosen_order(read_chosen_order(root, tenant, choice, form), form)
    leaves = traced.lineage.leaves if path is None else find_leaves(traced.lineage, path)
    if form == "json":
        document = _overview_document if path is None else chain_document
        print_json([document(traced, leaf) for leaf in leaves])
    elif path is None:
        _print_overview(traced, leaves)
    else:
        print_chains(traced, leaves)
    sys.exit(0)


def find_leaves(lineage: OrderLineage, path: str) -> Sequence[Leaf]:
    """Return the values of payloads at a path or below it. Raise UsageError where there is none."""
    found = select_leaves(lineage, path)
    if found:
        return found
    known = [name for leaf in lineage.leaves for name in _names_of(lineage, leaf)]
    near = did_you_mean(path, known, otherwise="without a path, all are listed")
    raise click.UsageError(f"no payload has {quoted(path)}; {near}")


def select_leaves(lineage: OrderLineage, path: str) -> list[Leaf]:
    """Return the values of payloads at a path or below it; empty where there is none."""
    wanted = {path, _SHORT_LIST.sub(r".items[\1]", path)}
    return [
        leaf
        for leaf in lineage.leaves
        if any(_is_within(name, each) for name in _names_of(lineage, leaf) for each in wanted)
    ]


def _names_of(lineage: OrderLineage, leaf: Leaf) -> tuple[str, ...]:
    """Return the full path of a value, by the type of its record, and by its name in the mapping."""
    return (f"{lineage.types[leaf.record]}.{leaf.path}", f"{leaf.record}.{leaf.path}")


def _is_within(path: str, outer: str) -> bool:
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _print_overview(traced: TracedOrder, leaves: Sequence[Leaf]) -> None:
    """Print a line for each value: its path, the value, its template's place, and its sources."""
    rows = [_overview_row(traced, leaf) for leaf in leaves]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for name, value, place, sources in rows:
        line = Text(f"{name:<{widths[0]}}  ", style="bold")
        line.append(f"{value:<{widths[1]}}  ", style="")
        line.append(f"{place:<{widths[2]}}  ", style="dim")
        console().print(line.append(sources, style="cyan"))


def _overview_row(traced: TracedOrder, leaf: Leaf) -> tuple[str, str, str, str]:
    place = first_place(leaf.cause)
    found = list_sources(leaf.cause)
    given = list_paths(found, Role.VALUE)
    shown = ", ".join(given[:_MOST_SOURCES]) or "-"
    more = f" and {len(given) - _MOST_SOURCES} more" if len(given) > _MOST_SOURCES else ""
    value = LEFT_OUT if leaf.is_left_out else cut_text(show_value(leaf.value), 30)
    name = cut_text(_names_of(traced.lineage, leaf)[0], 70)
    return name, value, "" if place is None else show_place(place), cut_text(shown, 160) + more


def print_chains(traced: TracedOrder, leaves: Sequence[Leaf]) -> None:
    """Print each value with the steps that it comes from, as a tree."""
    for number, leaf in enumerate(leaves):
        if number:
            console().print()
        value = LEFT_OUT if leaf.is_left_out else show_value(leaf.value)
        name = cut_text(_names_of(traced.lineage, leaf)[0], 200)
        console().print(Text.assemble((name, "bold"), f" = {value}"))
        for line in style_tree(build_branches(leaf.cause), traced.changes):
            console().print(line)
        positions = describe_positions(leaf.cause)
        if positions is not None:
            console().print(Text(positions, style="dim"))


def _overview_document(traced: TracedOrder, leaf: Leaf) -> dict[str, object]:
    place = first_place(leaf.cause)
    return {
        "path": _names_of(traced.lineage, leaf)[0],
        "record": leaf.record,
        "value": None if leaf.is_left_out else value_document(leaf.value),
        "left_out": leaf.is_left_out,
        "place": None if place is None else show_place(place),
        "sources": sources_document(leaf.cause),
    }


def chain_document(traced: TracedOrder, leaf: Leaf) -> dict[str, object]:
    """Return a value with the steps that it comes from, as a JSON object."""
    return {
        **_overview_document(traced, leaf),
        "from": [branch_document(branch, traced.changes) for branch in build_branches(leaf.cause)],
        "positions": list_positions(leaf.cause),
    }
