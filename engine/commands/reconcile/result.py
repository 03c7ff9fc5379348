"""The result of reconciling: plain data, and its sums by day and currency. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ...documents.exact import add
from .shop_orders import ShopOrder
from .transactions import Transaction

ZERO = Decimal(0)


class ReconcileStatus(StrEnum):
    """The state of an order in NetSuite."""

    BOOKED = "booked"
    DIFFERING = "differing"
    MISSING = "missing"
    WAITING = "waiting"
    IGNORED = "ignored"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class ReconciledOrder:
    """An order with its verdict; `gap` is NetSuite's total less the expected one, if they differ."""

    order: ShopOrder
    verdict: ReconcileStatus
    words: str = ""
    transaction: Transaction | None = None
    gap: Decimal | None = None
    journal: str | None = None

    def document(self) -> dict[str, object]:
        """Return it as a JSON object."""
        there = self.transaction
        return {
            "order": self.order.shown,
            "id": self.order.id,
            "at": self.order.at and self.order.at.isoformat(),
            "total": self.order.total,
            "currency": self.order.currency,
            "verdict": self.verdict.value,
            "words": self.words,
            "gap": self.gap,
            "transaction": there and there.id,
            "external_id": there and there.external_id,
            "journal": self.journal,
        }


@dataclass(frozen=True, slots=True)
class ExtraTransaction:
    """A transaction without an order, or of an order that has another transaction."""

    transaction: Transaction
    words: str

    def document(self) -> dict[str, object]:
        """Return it as a JSON object."""
        one = self.transaction
        return {
            "transaction": one.id,
            "external_id": one.external_id,
            "record": one.record,
            "day": one.day,
            "total": one.total,
            "words": self.words,
        }


@dataclass(slots=True)
class DaySums:
    """A day's orders in one currency: the count of each verdict, and the sums of both systems."""

    counts: dict[ReconcileStatus, int] = field(
        default_factory=lambda: dict.fromkeys(ReconcileStatus, 0)
    )
    ordered: Decimal = ZERO
    booked: Decimal = ZERO

    @property
    def off(self) -> Decimal:
        """Return NetSuite's sum less NewStore's."""
        return Decimal(add(self.booked, -self.ordered))

    def take(self, order: ReconciledOrder) -> None:
        """Count an order; the total of ignored and unjudged orders is left out of the sums."""
        self.counts[order.verdict] += 1
        total = order.order.total or ZERO
        if order.verdict in (ReconcileStatus.IGNORED, ReconcileStatus.UNJUDGED):
            return
        self.ordered = Decimal(add(self.ordered, total))
        if order.verdict in (ReconcileStatus.BOOKED, ReconcileStatus.DIFFERING):
            self.booked = Decimal(add(self.booked, add(total, order.gap or ZERO)))


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """All orders, the extra transactions, and `notes` on what was not compared."""

    found: Sequence[ReconciledOrder]
    extra: Sequence[ExtraTransaction]
    notes: Sequence[str]

    def of(self, verdict: ReconcileStatus) -> list[ReconciledOrder]:
        """Return the orders of one verdict."""
        return [order for order in self.found if order.verdict is verdict]

    @property
    def is_off(self) -> bool:
        """Whether a person must look at the result."""
        bad = (ReconcileStatus.MISSING, ReconcileStatus.DIFFERING, ReconcileStatus.UNJUDGED)
        return bool(self.extra) or any(order.verdict in bad for order in self.found)

    @property
    def is_waiting(self) -> bool:
        """Whether orders are not ready yet."""
        return any(order.verdict is ReconcileStatus.WAITING for order in self.found)

    def days(self) -> dict[tuple[str, str], DaySums]:
        """Return the sums by day (UTC) and currency, in order."""
        return _sum_by_day((order.order.when("%Y-%m-%d"), order) for order in self.found)

    def totals(self) -> dict[tuple[str, str], DaySums]:
        """Return the sums by currency, under the day `total`."""
        return _sum_by_day(("total", order) for order in self.found)

    def document(self) -> dict[str, object]:
        """Return it as a JSON object."""
        shown = (
            ReconcileStatus.MISSING,
            ReconcileStatus.DIFFERING,
            ReconcileStatus.WAITING,
            ReconcileStatus.UNJUDGED,
        )
        return {
            "days": _sums_documents(self.days()),
            "totals": _sums_documents(self.totals()),
            **{kind.value: [one.document() for one in self.of(kind)] for kind in shown},
            "extra": [one.document() for one in self.extra],
            "notes": list(self.notes),
        }


def _sum_by_day(named: Iterable[tuple[str, ReconciledOrder]]) -> dict[tuple[str, str], DaySums]:
    sums: dict[tuple[str, str], DaySums] = {}
    for day, order in named:
        sums.setdefault((day, order.order.currency), DaySums()).take(order)
    return dict(sorted(sums.items()))


def _sums_documents(sums: dict[tuple[str, str], DaySums]) -> list[dict[str, object]]:
    return [
        {
            "day": day,
            "currency": currency,
            "orders": {verdict.value: count for verdict, count in day_sums.counts.items()},
            "ordered": day_sums.ordered,
            "booked": day_sums.booked,
            "off": day_sums.off,
        }
        for (day, currency), day_sums in sums.items()
    ]
