"""What a diff reports: the words, the order of groups and the sums that all formats share. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...orders.report.outcomes import format_amount
from .allowed_fields import AllowedFields
from .changed_entries import ChangedEntry
from .compare_order import DiffResult
from .groups import ChangeExample, FieldGroup, FieldKey, MoneyKey, MoneySum
from .totals import DiffTotals

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
