"""Formats the results of a diff: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...documents.exact import Number, subtract
from ...findings.quote import quoted, shortened
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount
from ..output.terminal import console
from .allowed_fields import AllowedFields
from .changed_entries import ChangedEntry
from .compare_order import DiffResult
from .groups import ChangeExample, FieldGroup, FieldKey, MoneyKey, MoneySum, StopGroup, StopKey
from .totals import DiffTotals, choose_examples

MEANINGS = {
    DiffResult.SAME: "the same payloads",
    DiffResult.DIFFERENT: "other payloads",
    DiffResult.ALLOWED: "other payloads, only in allowed fields",
    DiffResult.FINDINGS: "rendered before, now with findings",
    DiffResult.UNREADY: "rendered before, now not ready",
    DiffResult.UNWANTED: "rendered before, now ignored",
    DiffResult.GAINED: "rendered now, but not before",
    DiffResult.REASON: "no payloads, for another reason than before",
    DiffResult.STOPPED: "no payloads, for the same reason as before",
    DiffResult.IGNORED: "ignored by every mapping, as before",
    DiffResult.UNREAD: "cannot be read, and was not compared",
}
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
# The check whose sum is what an order comes to.
_TOTAL = "total"


@dataclass(frozen=True, slots=True)
class DiffReport:
    """All that is reported: what was compared, the changed entries by mapping, and the totals.

    `is_equal`: both sides are the same version of every mapping.
    """

    tenant: str
    old: str
    new: str
    entries: tuple[tuple[str, ChangedEntry], ...]
    totals: DiffTotals
    allowed: AllowedFields
    is_equal: bool

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The patterns of --allow that no field which differs has matched."""
        fields = {key.field for key in self.totals.fields}
        return tuple(
            pattern
            for pattern in self.allowed.patterns
            if not any(AllowedFields((pattern,)).find(name) for name in fields)
        )


def describe_report(report: DiffReport) -> str:
    """Return the result in one sentence or two."""
    totals = report.totals
    orders = f"{totals.orders:,} order{'' if totals.orders == 1 else 's'}"
    if report.is_equal:
        return f"Both sides have the same mappings: none of {orders} can differ."
    counts = {result: totals.count(result) for result in DiffResult}
    parts = [
        f"{counts[result]:,} {words}"
        for result, words in (
            (DiffResult.DIFFERENT, "posted otherwise"),
            (DiffResult.ALLOWED, "otherwise only in allowed fields"),
            (DiffResult.FINDINGS, "now with findings"),
            (DiffResult.UNREADY, "now not ready"),
            (DiffResult.UNWANTED, "now ignored"),
            (DiffResult.GAINED, "posted only now"),
            (DiffResult.REASON, "not posted for another reason"),
        )
        if counts[result]
    ]
    return f"Of {orders}: {', '.join(parts) or 'none differs'}."


def sort_groups(
    groups: Mapping[FieldKey, FieldGroup],
) -> list[tuple[FieldKey, FieldGroup]]:
    """Return the groups of fields, those with the most orders first; allowed fields last."""
    return sorted(groups.items(), key=lambda row: (row[1].pattern is not None, -row[1].orders))


def list_changed_sums(sums: Mapping[MoneyKey, MoneySum]) -> list[tuple[MoneyKey, MoneySum]]:
    """Return the sums that differ."""
    return [row for row in sums.items() if row[1].before != row[1].now]


def list_totals(totals: DiffTotals) -> list[tuple[str, MoneySum]]:
    """Return what all orders come to, by currency: the sums of the checks called `total`."""
    found: dict[str, MoneySum] = {}
    for key, money in totals.sums.items():
        if key.name == _TOTAL and not key.part:
            found.setdefault(key.currency, MoneySum()).merge(money)
    return sorted(found.items())


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


def describe_example(example: ChangeExample) -> str:
    """Return a line about an example: the order, what became of it, and by how much."""
    money = (
        f", by {format_amount(example.money, example.currency)} {example.currency}".rstrip()
        if example.money
        else ""
    )
    reason = f" ({example.reason})" if example.reason else ""
    meaning = MEANINGS[example.result]
    return f"example {example.order} · {example.mapping}: {meaning}{money}{reason}"


def name_money(key: MoneyKey) -> str:
    """Return the name of a sum: a check, one of its terms, or an account."""
    return f"{key.name}.{key.part}" if key.part else key.name


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


def report_document(report: DiffReport) -> dict[str, object]:
    """Return the results as a JSON object."""
    totals = report.totals
    return {
        "tenant": report.tenant,
        "old": report.old,
        "new": report.new,
        "same": totals.is_same,
        "equal_mappings": report.is_equal,
        "summary": describe_report(report),
        "orders": totals.orders,
        "results": {
            result.value: count for result in DiffResult if (count := totals.count(result))
        },
        "entries": [{"mapping": mapping, **entry.document()} for mapping, entry in report.entries],
        "fields": [_field_document(key, group) for key, group in sort_groups(totals.fields)],
        "stops": [
            _stop_document(key, group)
            for key, group in (*totals.stops.items(), *totals.unread.items())
        ],
        "totals": [
            {"currency": name or None} | _money_document(money)
            for name, money in list_totals(totals)
        ],
        "sums": [_sum_document(key, money, "check") for key, money in totals.sums.items()],
        "accounts": [
            _sum_document(key, money, "account")
            for key, money in list_changed_sums(totals.accounts)
        ],
        "examples": [_example_document(example) for example in choose_examples(totals)],
        "refused": [
            {
                "order": each.order,
                "mapping": each.mapping,
                "result": each.result.value,
                "code": each.code,
                "message": each.message,
            }
            for each in totals.refused
        ],
        "unmatched_allow": list(report.unmatched),
        "unlisted": totals.unlisted,
    }


def _field_document(key: FieldKey, group: FieldGroup) -> dict[str, object]:
    return {
        "mapping": key.mapping,
        "field": key.field,
        "cause": key.cause,
        "causes": list(group.causes),
        "at": key.at,
        "orders": group.orders,
        "by": group.by,
        "allowed": group.pattern,
        "example": {
            "order": group.example.order,
            "before": group.first.before,
            "now": group.first.now,
        },
    }


def _stop_document(key: StopKey, group: StopGroup) -> dict[str, object]:
    return {
        "mapping": key.mapping or None,
        "result": key.result.value,
        "code": key.code,
        "message": group.message,
        "place": key.place,
        "cause": key.cause or None,
        "causes": list(group.causes),
        "at": key.at,
        "orders": group.orders,
        "example": group.example.order,
    }


def _sum_document(key: MoneyKey, money: MoneySum, kind: str) -> dict[str, object]:
    part = {"term": key.part or None} if kind == "check" else {}
    head = {"mapping": key.mapping, kind: key.name, **part, "currency": key.currency or None}
    return head | _money_document(money)


def _money_document(money: MoneySum) -> dict[str, object]:
    by = subtract(money.now, money.before)
    return {"orders": money.orders, "before": money.before, "now": money.now, "by": by}


def _example_document(example: ChangeExample) -> dict[str, object]:
    return {
        "order": example.order,
        "mapping": example.mapping,
        "result": example.result.value,
        "money": example.money,
        "currency": example.currency or None,
        "reason": example.reason or None,
        "differences": [row.document() for row in example.rows],
        "more": example.more,
    }
