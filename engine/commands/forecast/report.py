"""Prints a forecast: a table of gaps for people, a document for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...findings.quote import quoted, shortened
from ...mapping.lookups import UNFILLED
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_document
from ...orders.report.outcomes import format_amount
from ..output.terminal import console
from .gaps import CorpusForecast, Gap, Money
from .stubs import Stubs

_MAX_ROWS = 100
_MAX_LINES = 50
_LONGEST = 160
# The amounts of the first order say nothing of the others.
_NUMBER = re.compile(r"-?\b[0-9][0-9.,]*\b")
_CHECK_FAILED = "E0803"


def print_forecast(result: CorpusForecast, *, is_single: bool) -> None:
    """Print a row for each gap, and how many orders would be posted."""
    gaps = result.sorted_gaps()
    target = console()
    if gaps:
        target.print(_make_table(gaps[:_MAX_ROWS], is_single=is_single))
    rest = len(gaps) - _MAX_ROWS
    if rest > 0 or result.unlisted:
        target.print(f"and {max(rest, 0) + result.unlisted:,} more; --format json shows all")
    for line in _summarize(result):
        target.print(Text(line, style="red" if result.uncovered else "green"))


def forecast_document(result: CorpusForecast) -> dict[str, object]:
    """Return a forecast as a JSON object."""
    return {
        "orders": result.orders,
        "taken": result.taken,
        "posted": result.posted,
        "waiting": result.waiting,
        "uncovered": result.uncovered,
        "stake": result.stake,
        "foreign": dict(result.foreign),
        "gaps": [_gap_document(gap) for gap in result.sorted_gaps()],
        "unlisted": result.unlisted,
    }


def stubs_document(stubs: Stubs, *, is_written: bool) -> dict[str, object]:
    """Return stubs as a JSON object."""
    return {
        "files": [
            {"file": change.name, "diff": change.diff, "is_written": is_written}
            for change in stubs.changes
        ],
        "lines": [{"where": where, "lines": lines} for where, lines in stubs.lines.items()],
    }


def print_lines(stubs: Stubs) -> None:
    """Print the lines that people add themselves."""
    target = console()
    for where, lines in stubs.lines.items():
        target.print(Text(clean(f"add to {where}:"), style="bold"))
        for line in lines[:_MAX_LINES]:
            target.print(Text(f"  {clean(line)}"))
        if len(lines) > _MAX_LINES:
            target.print(f"  and {len(lines) - _MAX_LINES:,} more; --format json shows all")
        target.print()


def _make_table(gaps: list[Gap], *, is_single: bool) -> Table:
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("orders", justify="right", max_width=6)
    table.add_column("not covered", max_width=33, overflow="fold")
    table.add_column("first order", max_width=17, overflow="fold")
    table.add_column("at stake", justify="right", max_width=14, overflow="fold")
    for gap in gaps:
        words = describe_gap(gap) if is_single else f"{describe_gap(gap)} ({gap.mapping or 'any'})"
        stake = "\n".join(_describe_money(gap.stake)) or "not known"
        table.add_row(f"{gap.orders:,}", clean(words), clean(gap.first), stake)
    return table


def describe_gap(gap: Gap) -> str:
    """Return the cause in words: the missing row, or the code and message of a finding."""
    if gap.row is not None:
        key = ", ".join(quoted(part, 60) for part in gap.row.key)
        return f"{gap.row.lookup} {key}{f': {UNFILLED}' if gap.row.is_unfilled else ''}"
    assert gap.finding is not None
    message = gap.finding.message
    if gap.orders > 1:
        message = _NUMBER.sub("…", message)
    words = f"{gap.code} {message}"
    if gap.code == _CHECK_FAILED and gap.finding.hint:
        words += f": {gap.finding.hint}"
    return shortened(words, _LONGEST)


def _gap_document(gap: Gap) -> dict[str, object]:
    row = gap.row
    return {
        "mapping": gap.mapping or None,
        "code": gap.code,
        "lookup": None if row is None else row.lookup,
        "key": None if row is None else list(row.key),
        "is_unfilled": row is not None and row.is_unfilled,
        "finding": None if gap.finding is None else as_document(gap.finding),
        "orders": gap.orders,
        "first": gap.first,
        "stake": gap.stake,
    }


def _describe_money(money: Money) -> Iterator[str]:
    for currency, amount in sorted(money.items()):
        yield clean(f"{format_amount(amount, currency)} {currency}".strip())


def _summarize(result: CorpusForecast) -> Iterator[str]:
    """Yield the lines at the end: the orders that would be posted, and those that no mapping takes."""
    line = f"{result.posted:,} of {result.taken:,} orders would be posted"
    if result.waiting:
        line += f", {result.waiting:,} wait for documents or payments"
    if result.uncovered and result.stake:
        line += f"; at stake: {', '.join(_describe_money(result.stake))}"
    yield line
    ignored = result.orders - result.taken
    if ignored:
        yield f"{ignored:,} more {'is' if ignored == 1 else 'are'} taken by no mapping"
    for name, count in result.foreign.most_common():
        yield f"{count:,} have an event of another NewStore tenant: {quoted(name)}"
