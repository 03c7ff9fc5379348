"""Reads both lists, judges each order, and looks up the orders of extra transactions in NewStore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...journal.counts import OrderStatus, read_order_statuses
from ...journal.writer import Writer
from ...netsuite import safe_id
from .external_id_rules import NUMBER, IdPattern, find_id_patterns, select_order_plans
from .judge_order import OrderJudge, ReconcileSystems
from .result import ExtraTransaction, ReconcileResult, ReconcileStatus
from .shop_orders import ShopOrder, fetch_orders, find_existing
from .transactions import Transaction, fetch_by_external_ids, fetch_by_prefix

_DAY = timedelta(
    days=1
)  # a transaction's date depends on a zone: a day earlier or later than in UTC


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From `start` up to `end`, in UTC; `end` is not included."""

    start: datetime
    end: datetime


async def reconcile(systems: ReconcileSystems, window: TimeWindow) -> ReconcileResult:
    """Reconcile all orders created in a window. Raise ShopError, NoAnswerError, LedgerError."""
    opened = systems.opened
    orders = await fetch_orders(opened.newstore, window.start, window.end)
    systems.report(f"{len(orders):,} orders in NewStore")
    plans = select_order_plans(systems.plans)
    patterns = find_id_patterns(plans)
    ids = _external_ids(orders, patterns)
    transactions = await fetch_by_external_ids(opened.netsuite, ids)
    systems.report(f"{sum(map(len, transactions.values())):,} of their transactions in NetSuite")
    judge = OrderJudge(replace(systems, plans=plans), patterns, transactions)
    found = await judge.judge(orders)
    extra = [*judge.extra, *await _find_extra(systems, window, patterns, set(ids))]
    found.sort(key=lambda order: (order.order.when("%Y-%m-%dT%H:%M:%S.%f"), order.order.id))
    return ReconcileResult(found, extra, _list_gaps(systems, patterns))


async def add_journal_states(
    report: ReconcileResult, journal: Writer, tenant: str
) -> ReconcileResult:
    """Return the result with the delivery states of orders that are not booked. Raise JournalError."""
    open_ones = [order.order.id for order in report.found if order.verdict in _OPEN]
    statuses = await journal.run(
        lambda connection: read_order_statuses(connection, tenant, open_ones)
    )
    found = [
        replace(order, journal=_describe_statuses(statuses.get(order.order.id, [])))
        if order.verdict in _OPEN
        else order
        for order in report.found
    ]
    return replace(report, found=found)


_OPEN = (
    ReconcileStatus.MISSING,
    ReconcileStatus.WAITING,
    ReconcileStatus.DIFFERING,
    ReconcileStatus.UNJUDGED,
)


def _describe_statuses(statuses: Sequence[OrderStatus]) -> str:
    if not statuses:
        return "not in the journal"
    return ", ".join(
        f"{status.mapping} {status.state}" + (f" ({status.reason})" if status.reason else "")
        for status in statuses
    )


def _external_ids(orders: Sequence[ShopOrder], patterns: Mapping[str, IdPattern]) -> list[str]:
    ids = (pattern.external_id(order) for order in orders for pattern in patterns.values())
    return list(dict.fromkeys(id_ for id_ in ids if id_ is not None))


async def _find_extra(
    systems: ReconcileSystems,
    window: TimeWindow,
    patterns: Mapping[str, IdPattern],
    explained: set[str],
) -> list[ExtraTransaction]:
    """Return the transactions of these days that match a pattern and have no order in NewStore."""
    candidates: dict[str, tuple[Transaction, list[IdPattern]]] = {}
    first, last = (window.start - _DAY).date(), (window.end + _DAY).date()
    for beginning in dict.fromkeys(
        safe_id(pattern.before) for pattern in patterns.values() if pattern.before
    ):
        for transaction in await fetch_by_prefix(systems.opened.netsuite, beginning, first, last):
            matching = [pattern for pattern in patterns.values() if _matches(transaction, pattern)]
            if matching and transaction.external_id not in explained:
                candidates[transaction.id] = (transaction, matching)
    names: dict[str, set[str]] = {}
    for transaction, matching in candidates.values():
        for pattern in matching:
            member = pattern.member_in(transaction.external_id)
            names.setdefault(_FIELDS[pattern.member == NUMBER], set()).add(str(member))
    newstore = systems.opened.newstore
    there_are = {
        field: await find_existing(newstore, field, sorted(names[field])) for field in names
    }
    return [
        ExtraTransaction(transaction, "NewStore has no such order")
        for transaction, matching in candidates.values()
        if not any(
            pattern.member_in(transaction.external_id)
            in there_are[_FIELDS[pattern.member == NUMBER]]
            for pattern in matching
        )
    ]


_FIELDS = {True: "externalId", False: "id"}


def _matches(transaction: Transaction, pattern: IdPattern) -> bool:
    is_type = transaction.record == pattern.record.lower()
    return is_type and pattern.member_in(transaction.external_id) is not None


def _list_gaps(systems: ReconcileSystems, patterns: Mapping[str, IdPattern]) -> list[str]:
    """List what was not compared, and why."""
    notes = []
    about = {plan.name for plan in select_order_plans(systems.plans)}
    for plan in systems.plans:
        pattern = patterns.get(plan.name)
        if plan.name not in about:
            notes.append(f"{plan.name} handles {plan.trigger.event}, not orders: not compared")
        elif pattern is None:
            notes.append(
                f"{plan.name} computes its external ids: its orders were rendered, and "
                "transactions without an order were not looked for"
            )
        elif not pattern.before:
            notes.append(
                f"{plan.name}: its external ids have no fixed beginning, so transactions without "
                "an order were not looked for"
            )
    return notes
