"""Judges each order: directly when its external id and total are as predicted, else after rendering it."""

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

# Orders rendered concurrently; the clients keep NewStore's rate and NetSuite's allowance.
_MAX_CONCURRENT = 4
# After so many samples without a rule for a mapping's totals, all its orders are rendered.
_MAX_SAMPLES = 5
_OK = 200


class TotalRule(StrEnum):
    """The total of a mapping's transactions, as learned from one that was rendered."""

    ZERO = "zero"  # payments are among the lines
    ORDER = "order"  # what the customer pays
    NONE = "none"  # the mapping confirms no total


@dataclass(frozen=True, slots=True)
class ReconcileSystems:
    """The mappings and systems to reconcile with; `exact`: every order is compared line by line.

    `report` receives lines of progress.
    """

    plans: Sequence[Plan]
    opened: OpenSystems
    go_live: GoLive
    exact: bool
    report: Callable[[str], None]


@dataclass(slots=True)
class OrderJudge:
    """Judges orders by `transactions`, keyed by external id, and collects `extra` ones without an order."""

    systems: ReconcileSystems
    patterns: Mapping[str, IdPattern]
    transactions: Mapping[str, list[Transaction]]
    extra: list[ExtraTransaction] = field(default_factory=list)
    rules: dict[str, TotalRule] = field(default_factory=dict)
    samples: Counter[str] = field(default_factory=Counter)

    async def judge(self, orders: Sequence[ShopOrder]) -> list[ReconciledOrder]:
        """Judge each order. Raise ShopError, NoAnswerError, LedgerError."""
        found: list[ReconciledOrder] = []
        doubtful: list[ShopOrder] = []
        for order in orders:
            if order.flaw is not None:
                found.append(_unjudged_order(order, order.flaw))
            elif (booked := self._judge_by_id(order)) is not None:
                found.append(booked)
            elif self._is_sample(order):
                found.append(await self._judge_rendered(order))
            else:
                doubtful.append(order)
        return found + await self._judge_all_rendered(doubtful)

    async def _judge_all_rendered(self, orders: Sequence[ShopOrder]) -> list[ReconciledOrder]:
        if orders:
            self.systems.report(f"{len(orders):,} orders must be rendered to judge them")
        slots = asyncio.Semaphore(_MAX_CONCURRENT)

        async def judge_in_slot(order: ShopOrder) -> ReconciledOrder:
            async with slots:
                return await self._judge_rendered(order)

        tasks = [asyncio.ensure_future(judge_in_slot(order)) for order in orders]
        try:
            return list(await asyncio.gather(*tasks))
        finally:  # if one fails, the result would not be complete
            for task in tasks:
                task.cancel()

    def _candidates(self, order: ShopOrder) -> dict[str, tuple[Transaction, IdPattern]]:
        """Return the transactions with a predicted external id of the order, by their ids."""
        return {
            transaction.id: (transaction, pattern)
            for pattern in self.patterns.values()
            for transaction in self.transactions.get(pattern.external_id(order) or "", ())
        }

    def _judge_by_id(self, order: ShopOrder) -> ReconciledOrder | None:
        """Return the order as booked if its only transaction is as predicted; None if that is unclear."""
        candidates = list(self._candidates(order).values())
        if self.systems.exact or len(candidates) != 1:
            return None
        ((transaction, pattern),) = candidates
        return (
            ReconciledOrder(order, ReconcileStatus.BOOKED, transaction=transaction)
            if self._fits(order, transaction, pattern)
            else None
        )

    def _fits(self, order: ShopOrder, transaction: Transaction, pattern: IdPattern) -> bool:
        if transaction.record != pattern.record.lower():
            return False
        rule = self.rules.get(pattern.mapping)
        if rule is TotalRule.ORDER:
            return transaction.total is not None and transaction.total == order.total
        return rule is TotalRule.NONE or (rule is TotalRule.ZERO and transaction.total == 0)

    def _is_sample(self, order: ShopOrder) -> bool:
        """Whether rendering the order may give the rule for its mapping's totals."""
        names = {pattern.mapping for _, pattern in self._candidates(order).values()}
        unknown = [name for name in names if name not in self.rules]
        self.samples.update(unknown)
        return any(self.samples[name] <= _MAX_SAMPLES for name in unknown)

    async def _judge_rendered(self, order: ShopOrder) -> ReconciledOrder:
        """Judge an order by its rendered payload; an error of one order does not end the command."""
        systems = self.systems
        try:
            expected = await render_expected(systems.plans, order, systems.opened, systems.go_live)
        except ExpressionError as error:
            return _unjudged_order(order, error.message)
        except (ShopError, NoAnswerError) as error:
            if not _is_about_the_order(error):
                raise
            return _unjudged_order(order, str(error))
        return await self._compare_with_ledger(order, expected)

    async def _compare_with_ledger(
        self, order: ShopOrder, expected: ExpectedOutcome
    ) -> ReconciledOrder:
        candidates = self._candidates(order)
        if expected.external_id is None:
            return self._judge_without_payload(order, expected, list(candidates.values()))
        booked = await self._find_booked(expected.external_ids, candidates)
        for transaction, _ in candidates.values():
            if booked is None or transaction.id != booked.id:
                words = f"order {order.shown} has {expected.external_id}"
                self.extra.append(ExtraTransaction(transaction, words))
        if booked is None:
            return ReconciledOrder(
                order, ReconcileStatus.MISSING, f"there is no {expected.external_id}"
            )
        return await self._compare_booked(order, expected, booked)

    async def _find_booked(
        self,
        external_ids: Sequence[str],
        candidates: Mapping[str, tuple[Transaction, IdPattern]],
    ) -> Transaction | None:
        """Return the transaction with the first of the ids; look it up if it was not predicted."""
        found = [
            transaction
            for transaction, _ in candidates.values()
            if transaction.external_id == external_ids[0]
        ]
        if not found:
            by_id = await fetch_by_external_ids(self.systems.opened.netsuite, external_ids)
            found = [transaction for id_ in external_ids for transaction in by_id.get(id_, ())]
        return found[0] if found else None

    def _judge_without_payload(
        self,
        order: ShopOrder,
        expected: ExpectedOutcome,
        candidates: Sequence[tuple[Transaction, IdPattern]],
    ) -> ReconciledOrder:
        """Judge an order that cannot be rendered."""
        if not expected.is_wanted:
            strange = () if expected.may_stand else candidates
            self.extra += [
                ExtraTransaction(transaction, f"order {order.shown}: {expected.words}")
                for transaction, _ in strange
            ]
            return ReconciledOrder(order, ReconcileStatus.IGNORED, expected.words)
        if not candidates:
            verdict = ReconcileStatus.WAITING if expected.is_waiting else ReconcileStatus.MISSING
            return ReconciledOrder(order, verdict, expected.words)
        transaction, pattern = candidates[0]
        if self._fits(order, transaction, pattern) and not self.systems.exact:
            return ReconciledOrder(
                order=order,
                verdict=ReconcileStatus.BOOKED,
                words=expected.words,
                transaction=transaction,
            )
        words = f"it cannot be compared: {expected.words}"
        return ReconciledOrder(
            order=order, verdict=ReconcileStatus.DIFFERING, words=words, transaction=transaction
        )

    async def _compare_booked(
        self, order: ShopOrder, expected: ExpectedOutcome, transaction: Transaction
    ) -> ReconciledOrder:
        assert expected.payload is not None
        self._learn_total_rule(order, expected)
        gap: Decimal | None = None
        if expected.total is not None and transaction.total is not None:
            gap = Decimal(add(transaction.total, -expected.total))
        words: tuple[str, ...] = (
            (f"its total is {transaction.total}, not {expected.total}",) if gap else ()
        )
        if self.systems.exact or transaction.record != expected.payload.record.lower():
            words += await compare_record(self.systems.opened, expected.payload, transaction)
        verdict = ReconcileStatus.DIFFERING if words else ReconcileStatus.BOOKED
        return ReconciledOrder(
            order=order, verdict=verdict, words="; ".join(words), transaction=transaction, gap=gap
        )

    def _learn_total_rule(self, order: ShopOrder, expected: ExpectedOutcome) -> None:
        """Store the rule for the totals of a mapping, if the order shows it."""
        assert expected.mapping is not None
        if expected.total is None:
            self.rules.setdefault(expected.mapping, TotalRule.NONE)
        elif order.total and expected.total in (0, order.total):
            rule = TotalRule.ORDER if expected.total else TotalRule.ZERO
            self.rules.setdefault(expected.mapping, rule)


def _unjudged_order(order: ShopOrder, words: str) -> ReconciledOrder:
    return ReconciledOrder(order, ReconcileStatus.UNJUDGED, f"cannot be judged: {words}")


def _is_about_the_order(error: ShopError | NoAnswerError) -> bool:
    """Whether NewStore has answered, but not with a usable order."""
    if isinstance(error, ShopError):
        return error.status == _OK
    return error.kind in ("malformed", "oversized")
