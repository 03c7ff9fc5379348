"""The results of a diff as JSON, for programs."""

from __future__ import annotations

from ...documents.exact import subtract
from .compare_order import DiffResult
from .groups import (
    ChangeExample,
    FieldGroup,
    FieldKey,
    MoneyKey,
    MoneySum,
    RefusedOrder,
    StopGroup,
    StopKey,
)
from .summary import DiffReport, describe_report, list_changed_sums, list_totals, sort_groups
from .totals import choose_examples


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
        "refused": [_refused_document(each) for each in totals.refused],
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


def _refused_document(refused: RefusedOrder) -> dict[str, object]:
    return {
        "order": refused.order,
        "mapping": refused.mapping,
        "result": refused.result.value,
        "code": refused.code,
        "message": refused.message,
    }
