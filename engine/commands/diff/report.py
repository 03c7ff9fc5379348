"""Prints the results of a diff as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...documents.exact import Number, subtract
from ...findings.quote import quoted, shortened
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount
from ..output.terminal import console
from .changed_entries import ChangedEntry
from .compare_order import DiffResult
from .groups import ChangeExample, FieldGroup, FieldKey, MoneyKey, MoneySum, StopGroup, StopKey
from .summary import (
    MEANINGS,
    DiffReport,
    describe_example,
    describe_report,
    list_changed_sums,
    name_money,
    sort_groups,
)
from .totals import DiffTotals, choose_examples

_COLOURS = {
    DiffResult.SAME: "green",
    DiffResult.DIFFERENT: "yellow",
    DiffResult.FINDINGS: "red",
    DiffResult.UNREADY: "red",
    DiffResult.UNWANTED: "red",
    DiffResult.GAINED: "yellow",
    DiffResult.REASON: "yellow",
    DiffResult.UNREAD: "red",
}
_SHOWN_GROUPS, _SHOWN_ROWS, _VALUE = 30, 8, 40


def print_report(report: DiffReport) -> None:
    """Print the tables, and the summary at the end."""
    totals, target = report.totals, console()
    target.print(Text(clean(f"{report.tenant} · {report.old} → {report.new}"), style="bold"))
    for table in (
        _entries_table(report.entries),
        _results_table(totals),
        _fields_table(sort_groups(totals.fields)),
        _stops_table([*totals.stops.items(), *totals.unread.items()]),
        _money_table(list_changed_sums(totals.sums), "check"),
        _money_table(list_changed_sums(totals.accounts), "account"),
    ):
        if table.row_count:
            target.print(table)
    for example in choose_examples(totals):
        _print_example(example)
    if totals.unlisted:
        target.print(f"and {totals.unlisted:,} more groups that are not listed")
    for pattern in report.unmatched:
        target.print(f"--allow {quoted(pattern, 80)} matched no field that differs")
    style = "green" if totals.is_same else "yellow"
    target.print(Text(describe_report(report), style=style))


def _entries_table(entries: Sequence[tuple[str, ChangedEntry]]) -> Table:
    table = _table("changed entry", "place", "before", "now")
    shown: dict[tuple[str, str | None], ChangedEntry] = {}
    for _, entry in entries:
        shown.setdefault((entry.name, entry.at), entry)
    for entry in [*shown.values()][:_SHOWN_GROUPS]:
        before, now = (_shorten(text) for text in (entry.before, entry.now))
        table.add_row(clean(entry.name), clean(entry.at or ""), before, now)
    if len(shown) > _SHOWN_GROUPS:
        table.add_row(f"and {len(shown) - _SHOWN_GROUPS:,} more", "", "", "")
    return table


def _results_table(totals: DiffTotals) -> Table:
    table = _table("orders", "result", "mapping", "meaning")
    for result in DiffResult:
        for (mapping, kind), count in sorted(totals.results.items()):
            if kind is result:
                row = f"{count:,}", result.value, clean(mapping), MEANINGS[result]
                table.add_row(*row, style=_COLOURS.get(result, "dim"))
    return table


def _fields_table(groups: Sequence[tuple[FieldKey, FieldGroup]]) -> Table:
    table = _table("orders", "field, and what changed", "difference", "before", "now")
    for key, group in groups[:_SHOWN_GROUPS]:
        allowed = () if group.pattern is None else (f"allowed by {group.pattern}",)
        table.add_row(
            f"{group.orders:,}",
            _lines(key.field, *_describe_cause(key, group.causes), *allowed),
            _lines(
                *(
                    f"{_format_signed(number, currency)} {currency}"
                    for currency, number in group.by.items()
                    if number
                )
            ),
            _shorten(group.first.before),
            _shorten(group.first.now),
            style="dim" if allowed else "",
        )
    if len(groups) > _SHOWN_GROUPS:
        table.add_row("", f"and {len(groups) - _SHOWN_GROUPS:,} more; --format json shows all")
    return table


def _stops_table(groups: Sequence[tuple[StopKey, StopGroup]]) -> Table:
    table = _table("orders", "result", "reason, and what changed", "example")
    for key, group in sorted(groups, key=lambda row: -row[1].orders)[:_SHOWN_GROUPS]:
        words = ": ".join(part for part in (key.code, group.message) if part)
        table.add_row(
            f"{group.orders:,}",
            key.result.value,
            _lines(words, key.place or "", *_describe_cause(key, group.causes)),
            clean(group.example.order),
            style=_COLOURS[key.result],
        )
    return table


def _money_table(sums: Sequence[tuple[MoneyKey, MoneySum]], heading: str) -> Table:
    table = _table("mapping", heading, "before", "now", "difference", "")
    for at in (2, 3, 4):
        table.columns[at].justify = "right"
    for key, money in sums[:_SHOWN_GROUPS]:
        numbers = (format_amount(each, key.currency) for each in (money.before, money.now))
        by = _format_signed(subtract(money.now, money.before), key.currency)
        table.add_row(
            clean(key.mapping),
            clean(name_money(key)),
            *numbers,
            by,
            clean(key.currency),
        )
    if len(sums) > _SHOWN_GROUPS:
        table.add_row("", f"and {len(sums) - _SHOWN_GROUPS:,} more")
    return table


def _print_example(example: ChangeExample) -> None:
    target = console()
    target.print(Text(clean(describe_example(example)), style="bold"))
    if example.rows:
        table = _table("field", "before", "now")
        for row in example.rows[:_SHOWN_ROWS]:
            table.add_row(clean(row.place), _shorten(row.before), _shorten(row.now))
        target.print(table)
    rest = len(example.rows[_SHOWN_ROWS:]) + example.more
    if rest:
        target.print(f"  and {rest:,} more differences")


def _describe_cause(key: FieldKey | StopKey, causes: Iterable[str]) -> tuple[str, ...]:
    named = "" if key.at else shortened(", ".join(causes), 80)
    cause = f"← {key.cause}" if key.cause else ""
    return tuple(part for part in (cause, key.at or "", named) if part)


def _lines(*parts: str) -> str:
    """Return the parts as the lines of a cell."""
    return "\n".join(clean(part) for part in parts if part)


def _format_signed(number: Number, currency: str = "") -> str:
    text = format_amount(number, currency)
    return f"+{text}" if number > 0 else text


def _shorten(text: str | None) -> str:
    return "" if text is None else clean(shortened(text, _VALUE))


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE)
    for heading in headings:
        justify = "right" if heading in ("orders", "difference") else "left"
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type] # one of two words
    return table
