"""Formats the results of a shadow: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...documents import write_json
from ...documents.exact import Number, format_plain, subtract
from ...findings.quote import shortened
from ...journal.shadows import ShadowResult
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount
from ..output.terminal import console
from ..queue import time_text
from .shadow_sums import FieldSum, ShadowOrder, ShadowTotals, field_name

COLOURS = {
    ShadowResult.SAME: "green",
    ShadowResult.DIFFERENT: "yellow",
    ShadowResult.FINDINGS: "red",
    ShadowResult.UNREADY: "yellow",
    ShadowResult.UNWANTED: "red",
    ShadowResult.GAINED: "yellow",
    ShadowResult.UNANSWERED: "dim",
    ShadowResult.BROKEN: "red",
    ShadowResult.DROPPED: "dim",
}
_MEANINGS = {
    ShadowResult.SAME: "the same payloads",
    ShadowResult.DIFFERENT: "other payloads",
    ShadowResult.FINDINGS: "the shadow has findings",
    ShadowResult.UNREADY: "only the shadow is not ready",
    ShadowResult.UNWANTED: "the shadow does not want the event",
    ShadowResult.GAINED: "only the shadow writes records",
    ShadowResult.UNANSWERED: "it needs a document that the live mapping did not read",
    ShadowResult.BROKEN: "the shadow could not run",
    ShadowResult.DROPPED: "not compared: the service was too busy",
}
# Both end without payloads for the same reason.
_STOPPED_ALIKE = "the same findings or rule: no payloads"
_VALUE = 40


def print_shadows(found: Sequence[ShadowTotals]) -> None:
    """Print the tables of each version."""
    target = console()
    if not found:
        target.print("no event has been compared yet: run `erpmap serve --shadow DIR`")
    for totals in found:
        target.print(Text(clean(_heading(totals)), style="bold"))
        target.print(_results_table(totals))
        if totals.fields:
            target.print(
                _fields_table(sorted(totals.fields.items(), key=lambda row: -row[1].orders))
            )
        if totals.findings:
            target.print(_findings_table(totals))
        if totals.sums:
            target.print(_sums_table(totals))
        if totals.unlisted:
            target.print(f"and {totals.unlisted:,} more differences")


def print_orders(orders: Sequence[ShadowOrder]) -> None:
    """Print a row for each difference of each order."""
    table = _table("order", "delivery", "result", "field", "live", "shadow")
    for one in orders:
        result = one.noted.result
        head = clean(one.noted.order), str(one.noted.delivery or ""), result.value
        for each in one.differences or ({"record": "", "field": one.noted.reason or ""},):
            name = field_name(each["record"], each["field"])
            values = (_format_value(each, side) for side in ("live", "shadow"))
            table.add_row(*head, clean(name), *values, style=COLOURS[result])
    console().print(table)


def shadows_document(
    found: Sequence[ShadowTotals], orders: Sequence[ShadowOrder] | None
) -> dict[str, object]:
    """Return the results as a JSON object; `orders` is None when they are not listed."""
    listed = {} if orders is None else {"orders": [_order_document(order) for order in orders]}
    return {"shadows": [_shadow_document(totals) for totals in found], **listed}


def _heading(totals: ShadowTotals) -> str:
    version = f"version {totals.version[:12]}" if totals.version else "without a version"
    live = (
        f" beside {', '.join(sorted(live_version[:12] for live_version in totals.live))}"
        if totals.live
        else ""
    )
    if totals.live == {totals.version}:
        live = ", which is the live one"
    span = (
        f"{time_text.format_moment(totals.first_at)} to {time_text.format_moment(totals.last_at)}"
    )
    return f"{totals.tenant} · {totals.mapping} · {version}{live} · {span}"


def _results_table(totals: ShadowTotals) -> Table:
    table = _table("events", "result", "meaning", "reasons")
    for result in ShadowResult:
        reasons = [(why, count) for (of, why), count in totals.reasons.items() if of is result]
        why = clean(shortened("; ".join(f"{why} ({n:,})" for why, n in sorted(reasons)), 120))
        count = totals.results[result]
        alike = sum(n for _, n in reasons) if result is ShadowResult.SAME else 0
        if count - alike:
            row = f"{count - alike:,}", result.value, _MEANINGS[result], "" if alike else why
            table.add_row(*row, style=COLOURS[result])
        if alike:
            table.add_row(f"{alike:,}", result.value, _STOPPED_ALIKE, why, style=COLOURS[result])
    return table


def _fields_table(fields: Sequence[tuple[tuple[str, str, str, str], FieldSum]]) -> Table:
    table = _table("orders", "field", "rule", "difference", "example", "live", "shadow")
    for (record, name, rule, at), field_sum in fields:
        table.add_row(
            f"{field_sum.orders:,}",
            clean(field_name(record, name)),
            f"{clean(rule)}\n{clean(at)}",
            "" if field_sum.by is None else _format_signed(field_sum.by),
            clean(field_sum.example),
            _format_value(field_sum.values, "live"),
            _format_value(field_sum.values, "shadow"),
        )
    return table


def _findings_table(totals: ShadowTotals) -> Table:
    table = _table("orders", "finding", "place", "example", "message")
    for (code, place), wrong in totals.findings.items():
        words = clean(shortened(wrong.message, 100))
        table.add_row(f"{wrong.orders:,}", code, clean(place), clean(wrong.example), words)
    return table


def _sums_table(totals: ShadowTotals) -> Table:
    table = _table("events", "result", "check", "live", "shadow", "", "difference")
    for (result, check, currency), total in totals.sums.items():
        live, shadow = (format_amount(value, currency) for value in (total.live, total.shadow))
        by = _format_signed(subtract(total.shadow, total.live))
        row = f"{total.orders:,}", result.value, clean(check), live, shadow, clean(currency), by
        table.add_row(*row, style=COLOURS[result])
    return table


def _shadow_document(totals: ShadowTotals) -> dict[str, object]:
    return {
        "tenant": totals.tenant,
        "mapping": totals.mapping,
        "version": totals.version or None,
        "live": sorted(totals.live),
        "first_at": time_text.format_iso(totals.first_at),
        "last_at": time_text.format_iso(totals.last_at),
        "results": {result.value: count for result, count in sorted(totals.results.items())},
        "reasons": [
            {"result": result.value, "reason": reason, "events": count}
            for (result, reason), count in totals.reasons.items()
        ],
        "fields": [
            {"record": record, "field": name, "rule": rule, "at": at or None, "orders": each.orders}
            | {"by": each.by, "example": {"order": each.example, **each.values}}
            for (record, name, rule, at), each in totals.fields.items()
        ],
        "sums": [
            {
                "result": result.value,
                "check": check,
                "currency": currency or None,
                "events": each.orders,
                "live": each.live,
                "shadow": each.shadow,
                "by": subtract(each.shadow, each.live),
            }
            for (result, check, currency), each in totals.sums.items()
        ],
        "findings": [
            {"code": code, "place": place or None, "orders": each.orders}
            | {"example": {"order": each.example, "message": each.message}}
            for (code, place), each in totals.findings.items()
        ],
        "unlisted": totals.unlisted,
    }


def _order_document(order: ShadowOrder) -> dict[str, object]:
    noted = order.noted
    return {
        "tenant": order.shadow.tenant,
        "mapping": order.shadow.mapping,
        "version": order.shadow.version or None,
        "order": noted.order,
        "event": noted.event,
        "delivery": noted.delivery,
        "result": noted.result.value,
        "reason": noted.reason,
        "at": time_text.format_iso(noted.at),
        "differences": [dict(difference) for difference in order.differences],
    }


def _format_signed(number: Number) -> str:
    return f"+{format_plain(number)}" if number > 0 else format_plain(number)


def _format_value(values: Mapping[str, object], side: str) -> str:
    return clean(shortened(write_json(values[side]), _VALUE)) if side in values else ""


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
