"""The report of a diff as one HTML page for people of finance: no script, no network, everything escaped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...documents.exact import Number, subtract
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount
from .compare_order import DiffResult
from .groups import ChangeExample, FieldGroup, FieldKey, MoneyKey, MoneySum, StopGroup, StopKey
from .summary import (
    MEANINGS,
    DiffReport,
    describe_example,
    describe_report,
    list_changed_sums,
    list_totals,
    name_money,
    sort_groups,
)
from .totals import choose_examples

_TEMPLATE = "page.html.j2"
_BAR = 240
_MOST = 200


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One sum before and now, as text; the bars are in units of the picture."""

    name: str
    currency: str
    before: str
    now: str
    by: str
    is_changed: bool
    before_bar: int
    now_bar: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of orders: what differs and why; the bar is in units of the picture."""

    orders: str
    bar: int
    title: str
    cause: str
    at: str
    by: str
    before: str
    now: str
    example: str
    is_allowed: bool = False


def make_page(report: DiffReport) -> str:
    """Return the page."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FileSystemLoader(Path(__file__).parent),
    )
    totals = report.totals
    fields = sort_groups(totals.fields)[:_MOST]
    stops = sorted(totals.stops.items(), key=lambda row: -row[1].orders)[:_MOST]
    counts = [group.orders for _, group in fields] + [group.orders for _, group in stops]
    most = max(counts, default=1)
    return environment.get_template(_TEMPLATE).render(
        tenant=clean(report.tenant),
        old=clean(report.old),
        new=clean(report.new),
        summary=describe_report(report),
        is_same=totals.is_same,
        results=_list_results(report),
        totals=_list_money([(_currency_key(name), money) for name, money in list_totals(totals)]),
        sums=_list_money(list_changed_sums(totals.sums)[:_MOST]),
        accounts=_list_money(list_changed_sums(totals.accounts)[:_MOST]),
        fields=[_make_field(key, group, most) for key, group in fields],
        stops=[_make_stop(key, group, most) for key, group in stops],
        examples=[_make_example(example) for example in choose_examples(totals)],
        refused=[
            (
                clean(each.order),
                clean(each.mapping),
                MEANINGS[each.result],
                clean(_join(each.code, each.message)),
            )
            for each in totals.refused
        ],
        entries=_list_entries(report),
        unmatched=[clean(pattern) for pattern in report.unmatched],
        unlisted=totals.unlisted,
        bar=_BAR,
    )


def _list_results(report: DiffReport) -> list[tuple[str, str, str]]:
    return [
        (f"{count:,}", MEANINGS[result], clean(mapping))
        for result in DiffResult
        for (mapping, kind), count in sorted(report.totals.results.items())
        if kind is result
    ]


def _list_entries(report: DiffReport) -> list[tuple[str, ...]]:
    rows = (
        (entry.name, entry.at or "", entry.before or "", entry.now or "")
        for _, entry in report.entries
    )
    return [tuple(map(clean, row)) for row in dict.fromkeys(rows)][:_MOST]


def _currency_key(currency: str) -> MoneyKey:
    return MoneyKey("", currency, part="", currency=currency)


def _list_money(rows: list[tuple[MoneyKey, MoneySum]]) -> list[MoneyRow]:
    """Return the rows, with bars in proportion to the largest amount of each currency."""
    largest: dict[str, Number] = {}
    for key, money in rows:
        for number in (money.before, money.now):
            largest[key.currency] = max(largest.get(key.currency, 0), number, -number)
    return [_make_money(key, money, largest[key.currency]) for key, money in rows]


def _make_money(key: MoneyKey, money: MoneySum, largest: Number) -> MoneyRow:
    by = subtract(money.now, money.before)
    return MoneyRow(
        name=clean(_join(key.mapping, name_money(key))),
        currency=clean(key.currency),
        before=format_amount(money.before, key.currency),
        now=format_amount(money.now, key.currency),
        by=_format_signed(by, key.currency),
        is_changed=by != 0,
        before_bar=_measure(money.before, largest),
        now_bar=_measure(money.now, largest),
    )


def _make_field(key: FieldKey, group: FieldGroup, most: int) -> GroupRow:
    by = (
        f"{_format_signed(number, name)} {name}".strip()
        for name, number in group.by.items()
        if number
    )
    return GroupRow(
        orders=f"{group.orders:,}",
        bar=_measure(group.orders, most),
        title=clean(_join(key.mapping, key.field)),
        cause=clean(key.cause + ("" if key.at else f" {', '.join(group.causes)}")),
        at=clean(key.at or ""),
        by=clean(", ".join(by)),
        before=clean(group.first.before or "—"),
        now=clean(group.first.now or "—"),
        example=clean(group.example.order),
        is_allowed=group.pattern is not None,
    )


def _make_stop(key: StopKey, group: StopGroup, most: int) -> GroupRow:
    return GroupRow(
        orders=f"{group.orders:,}",
        bar=_measure(group.orders, most),
        title=clean(_join(key.mapping, MEANINGS[key.result])),
        cause=clean(key.cause + ("" if key.at else f" {', '.join(group.causes)}")),
        at=clean(key.at or ""),
        by="",
        before=clean(_join(key.code, group.message)),
        now=clean(key.place or ""),
        example=clean(group.example.order),
    )


def _make_example(example: ChangeExample) -> tuple[str, list[tuple[str, str, str]], int]:
    rows = [
        (clean(row.place), clean(row.before or "—"), clean(row.now or "—")) for row in example.rows
    ]
    return clean(describe_example(example)), rows, example.more


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _format_signed(number: Number, currency: str) -> str:
    text = format_amount(number, currency)
    return f"+{text}" if number > 0 else text


def _measure(number: Number, largest: Number) -> int:
    """Return the length of a bar; at least one unit for an amount that is not zero."""
    if not number or not largest:
        return 0
    return max(1, int(max(number, -number) * _BAR / largest))
