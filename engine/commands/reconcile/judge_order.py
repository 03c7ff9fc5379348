"""Each order judged: plainly where its external id and total are as foretold, else rendered first."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ...documents.exact import add
from ...findings.errors import ExpressionError, NoAnswerError, ShopError
from ...mapping.plan import Plan
from ..connect import OpenSystems
from .expected_payloads import ExpectedOutcome, GoLive, compare_record, render_expected
from .external_id_rules import IdPattern
from .result import ExtraTransaction, ReconciledOrder, ReconcileStatus
from .shop_orders import ShopOrder
from .transactions import Transaction, fetch_by_external_ids

# Rendered at once; NewStore's pace and NetSuite's allowance are kept by their clients.
_MAX_CONCURRENT = 4
# After so many orders that did not tell how a mapping's totals come out, all are rendered.
_MAX_SAMPLES = 5
_OK = 200


class TotalRule(StrEnum):
    """How the totals of a mapping's transactions come out, as seen in one that was rendered."""

    ZERO = "zero"  # payments are among the lines
    ORDER = "order"  # what the customer pays
    NONE = "none"  # the mapping confirms no total


@dataclass(frozen=True, slots=True)
class ReconcileSystems:
    """What is asked with: `exact` has every order rendered and compared line by line."""

    plans: Sequence[Plan]
    opened: OpenSystems
    go_live: GoLive
    exact: bool
    told: Callable[[str], None]


@dataclass(slots=True)
class OrderJudge:
    """Judges orders; `there` are the transactions by external id, `extra` those nobody expects."""

    asking: ReconcileSystems
    patterns: Mapping[str, IdPattern]
    there: Mapping[str, list[Transaction]]
    extra: list[ExtraTransaction] = field(default_factory=list)
    rules: dict[str, TotalRule] = field(default_factory=dict)
    samples: Counter[str] = field(default_factory=Counter)

    async def judge(self, orders: Sequence[ShopOrder]) -> list[ReconciledOrder]:
        """The verdict on each order. Raise ShopError, NoAnswerError, LedgerError."""
        found: list[ReconciledOrder] = []
        doubtful: list[ShopOrder] = []
        for order in orders:
            if order.flaw is not None:
                found.append(_unjudged_order(order, order.flaw))
            elif (plain := self._plainly(order)) is not None:
                found.append(plain)
            elif self._is_sample(order):
                found.append(await self._rendered(order))
            else:
                doubtful.append(order)
        return found + await self._all_rendered(doubtful)

    async def _all_rendered(self, orders: Sequence[ShopOrder]) -> list[ReconciledOrder]:
        if orders:
            self.asking.told(f"{len(orders):,} orders are rendered, to know what should be there")
        room = asyncio.Semaphore(_MAX_CONCURRENT)

        async def one(order: ShopOrder) -> ReconciledOrder:
            async with room:
                return await self._rendered(order)

        tasks = [asyncio.ensure_future(one(order)) for order in orders]
        try:
            return list(await asyncio.gather(*tasks))
        finally:  # where one fails, nothing can be said of the whole
            for task in tasks:
                task.cancel()

    def _candidates(self, order: ShopOrder) -> dict[str, tuple[Transaction, IdPattern]]:
        """The transactions that have an external id of the order's, by their ids."""
        return {
            one.id: (one, pattern)
            for pattern in self.patterns.values()
            for one in self.there.get(pattern.external_id(order) or "", ())
        }

    def _plainly(self, order: ShopOrder) -> ReconciledOrder | None:
        """Booked, when the one transaction there is is as foretold; None when that is not known."""
        candidates = list(self._candidates(order).values())
        if self.asking.exact or len(candidates) != 1:
            return None
        ((one, pattern),) = candidates
        return (
            ReconciledOrder(order, ReconcileStatus.BOOKED, transaction=one)
            if self._fits(order, one, pattern)
            else None
        )

    def _fits(self, order: ShopOrder, one: Transaction, pattern: IdPattern) -> bool:
        if one.record != pattern.record.lower():
            return False
        rule = self.rules.get(pattern.mapping)
        if rule is TotalRule.ORDER:
            return one.total is not None and one.total == order.total
        return rule is TotalRule.NONE or (rule is TotalRule.ZERO and one.total == 0)

    def _is_sample(self, order: ShopOrder) -> bool:
        """Whether rendering the order may tell how its mapping's totals come out."""
        names = {pattern.mapping for _, pattern in self._candidates(order).values()}
        unknown = [name for name in names if name not in self.rules]
        self.samples.update(unknown)
        return any(self.samples[name] <= _MAX_SAMPLES for name in unknown)

    async def _rendered(self, order: ShopOrder) -> ReconciledOrder:
        """The verdict by what the mappings make of it; one bad order does not hide the others."""
        asking = self.asking
        try:
            wanted = await render_expected(asking.plans, order, asking.opened, asking.go_live)
        except ExpressionError as error:
            return _unjudged_order(order, error.message)
        except (ShopError, NoAnswerError) as error:
            if not _is_about_the_order(error):
                raise
            return _unjudged_order(order, str(error))
        return await self._held_against(order, wanted)

    async def _held_against(self, order: ShopOrder, wanted: ExpectedOutcome) -> ReconciledOrder:
        candidates = self._candidates(order)
        if wanted.external_id is None:
            return self._unexplained(order, wanted, list(candidates.values()))
        there = await self._standing(wanted.external_ids, candidates)
        for one, _ in candidates.values():
            if there is None or one.id != there.id:
                words = f"order {order.shown} has {wanted.external_id}"
                self.extra.append(ExtraTransaction(one, words))
        if there is None:
            return ReconciledOrder(
                order, ReconcileStatus.MISSING, f"there is no {wanted.external_id}"
            )
        return await self._compared(order, wanted, there)

    async def _standing(
        self,
        external_ids: Sequence[str],
        candidates: Mapping[str, tuple[Transaction, IdPattern]],
    ) -> Transaction | None:
        """The transaction with the first id that one has; it is asked for where none was foretold."""
        found = [one for one, _ in candidates.values() if one.external_id == external_ids[0]]
        if not found:
            there = await fetch_by_external_ids(self.asking.opened.netsuite, external_ids)
            found = [one for id_ in external_ids for one in there.get(id_, ())]
        return found[0] if found else None

    def _unexplained(
        self,
        order: ShopOrder,
        wanted: ExpectedOutcome,
        candidates: Sequence[tuple[Transaction, IdPattern]],
    ) -> ReconciledOrder:
        """The verdict on an order that nothing can be rendered of."""
        if not wanted.is_wanted:
            strange = () if wanted.may_stand else candidates
            self.extra += [
                ExtraTransaction(one, f"order {order.shown}: {wanted.words}") for one, _ in strange
            ]
            return ReconciledOrder(order, ReconcileStatus.IGNORED, wanted.words)
        if not candidates:
            verdict = ReconcileStatus.WAITING if wanted.is_waiting else ReconcileStatus.MISSING
            return ReconciledOrder(order, verdict, wanted.words)
        one, pattern = candidates[0]
        if self._fits(order, one, pattern) and not self.asking.exact:
            return ReconciledOrder(order, ReconcileStatus.BOOKED, wanted.words, one)
        words = f"it cannot be compared: {wanted.words}"
        return ReconciledOrder(order, ReconcileStatus.DIFFERING, words, one)

    async def _compared(
        self, order: ShopOrder, wanted: ExpectedOutcome, there: Transaction
    ) -> ReconciledOrder:
        assert wanted.payload is not None
        self._learn(order, wanted)
        gap: Decimal | None = None
        if wanted.total is not None and there.total is not None:
            gap = Decimal(add(there.total, -wanted.total))
        words: tuple[str, ...] = (f"its total is {there.total}, not {wanted.total}",) if gap else ()
        if self.asking.exact or there.record != wanted.payload.record.lower():
            words += await compare_record(self.asking.opened, wanted.payload, there)
        verdict = ReconcileStatus.DIFFERING if words else ReconcileStatus.BOOKED
        return ReconciledOrder(order, verdict, "; ".join(words), there, gap)

    def _learn(self, order: ShopOrder, wanted: ExpectedOutcome) -> None:
        """Keep how the totals of a mapping come out, when the order tells."""
        assert wanted.mapping is not None
        if wanted.total is None:
            self.rules.setdefault(wanted.mapping, TotalRule.NONE)
        elif order.total and wanted.total in (0, order.total):
            rule = TotalRule.ORDER if wanted.total else TotalRule.ZERO
            self.rules.setdefault(wanted.mapping, rule)


def _unjudged_order(order: ShopOrder, words: str) -> ReconciledOrder:
    return ReconciledOrder(order, ReconcileStatus.UNJUDGED, f"cannot be judged: {words}")


def _is_about_the_order(error: ShopError | NoAnswerError) -> bool:
    """Whether NewStore has answered, and what it says of this order is of no use."""
    if isinstance(error, ShopError):
        return error.status == _OK
    return error.kind in ("malformed", "oversized")
