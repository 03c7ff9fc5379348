"""What orders hit that the mappings do not cover, grouped by cause.

A gap is a row that a lookup table lacks, or a finding at one place of a mapping. Memory does not grow
with the number of orders.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...documents.exact import Number, add
from ...findings.diagnostics import Finding
from ...findings.errors import ReadError
from ...findings.quote import shortened
from ...mapping.lookups import UNFILLED, has_unfilled_rows
from ...mapping.plan import Plan
from ...run import (
    Inputs,
    MissingRow,
    OrderNeeds,
    Outcome,
    RunState,
    find_order_needs,
)
from ...run.compiled import get_program
from ..corpus.stored_orders import StoredOrder

_MISSING = "E0601"
_QUOTED_MARK = f"'{UNFILLED}'"
# More causes than these are one cause that differs by order, and would fill the memory.
_MAX_GAPS = 10_000
_MAX_FOREIGN = 20
_OF_ORDER = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+(?:[.,][0-9]+)*")

# Sums of money by currency; without a currency the key is empty.
Money = dict[str, Number]
GapKey = tuple[str, str, str, tuple[str, ...]]


@dataclass(slots=True)
class Gap:
    """One cause: `row` is what a table lacks, else `finding` is the first finding of this cause.

    `orders` counts the orders that hit it, `first` names the first of them, `stake` is their money.
    """

    mapping: str
    code: str
    row: MissingRow | None
    finding: Finding | None
    first: str
    orders: int = 0
    stake: Money = field(default_factory=dict)


@dataclass(slots=True)
class CorpusForecast:
    """The counts of all orders, and the gaps by their keys.

    `taken` are orders that a mapping takes, `posted` those that would be posted, `waiting` those that
    wait for something that may still come; `stake` is the money of those that would not be posted.
    `foreign` counts the events of other NewStore tenants by their names; `unlisted` counts what gaps
    beyond the limit have.
    """

    orders: int = 0
    taken: int = 0
    posted: int = 0
    waiting: int = 0
    stake: Money = field(default_factory=dict)
    gaps: dict[GapKey, Gap] = field(default_factory=dict)
    foreign: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0

    @property
    def uncovered(self) -> int:
        """The number of orders that a mapping takes and that have a gap."""
        return self.taken - self.posted - self.waiting

    def sorted_gaps(self) -> list[Gap]:
        """Return the gaps, those that most orders hit first."""
        return [gap for _, gap in sorted(self.gaps.items(), key=lambda it: (-it[1].orders, it[0]))]

    def add_order(self, order: StoredOrder, plans: Iterable[Plan]) -> None:
        """Run an order through the mappings that may take it, and count what it hits."""
        self.orders += 1
        results = [
            _run_mapping(order, plan) for plan in plans if order.mapping in (None, plan.name)
        ]
        names = {it.foreign for it in results if it.foreign}
        self.foreign.update(name for name in names if len(self.foreign) < _MAX_FOREIGN)
        taken = [it for it in results if it.state is not RunState.IGNORED]
        if not taken:
            return
        self.taken += 1
        gaps = dict(_list_gaps(order.name, taken))
        if gaps:
            amount = max((it.needs for it in taken), key=lambda needs: needs.amount is not None)
            _add_money(self.stake, amount)
        elif all(it.state is RunState.RENDERED for it in taken):
            self.posted += 1
        else:
            self.waiting += 1
        for key, (gap, needs) in gaps.items():
            self._count(key, gap, needs)

    def _count(self, key: GapKey, gap: Gap, needs: OrderNeeds) -> None:
        if key not in self.gaps and len(self.gaps) >= _MAX_GAPS:
            self.unlisted += 1
            return
        known = self.gaps.setdefault(key, gap)
        known.orders += 1
        _add_money(known.stake, needs)


@dataclass(frozen=True, slots=True)
class _MappingResult:
    """How one mapping ends with an order; unreadable documents are findings of no mapping.

    `foreign` names the NewStore tenant of an event that is not the plan's.
    """

    mapping: str
    state: RunState
    findings: tuple[Finding, ...] = ()
    needs: OrderNeeds = field(default_factory=OrderNeeds)
    foreign: str = ""


def _run_mapping(order: StoredOrder, plan: Plan) -> _MappingResult:
    try:
        inputs = order.read_inputs(plan)
    except ReadError as error:
        return _MappingResult("", RunState.FAILED, error.findings)
    outcome: Outcome = get_program(plan).run(inputs)
    tables = (*plan.tables.values(), *inputs.tables.values())
    needs = OrderNeeds()
    if outcome.state is RunState.FAILED or (
        outcome.state is RunState.RENDERED and any(map(has_unfilled_rows, tables))
    ):
        needs = find_order_needs(plan, inputs)
    foreign = _find_foreign(plan, inputs)
    return _MappingResult(
        mapping=plan.name,
        state=outcome.state,
        findings=outcome.findings,
        needs=needs,
        foreign=foreign,
    )


def _find_foreign(plan: Plan, inputs: Inputs) -> str:
    """Return the NewStore tenant that an event names, where it is another than the plan's; else nothing."""
    shop = plan.tenant_facts.get("newstore")
    own = shop.get("tenant") if isinstance(shop, Mapping) else None
    named = inputs.event.get("tenant") if isinstance(inputs.event, dict) else None
    return shortened(named, 60) if isinstance(named, str) and own not in (None, named) else ""


def _list_gaps(
    name: str, results: Iterable[_MappingResult]
) -> Iterator[tuple[GapKey, tuple[Gap, OrderNeeds]]]:
    for it in results:
        for row in it.needs.rows:
            key = (it.mapping, _MISSING, row.lookup, row.key)
            yield key, (Gap(it.mapping, _MISSING, row=row, finding=None, first=name), it.needs)
        has_rows = bool(it.needs.rows)
        for finding in it.findings:
            if has_rows and (finding.code == _MISSING or _QUOTED_MARK in finding.message):
                continue
            cause = _name_cause(finding, name)
            key = (it.mapping, finding.code, cause, ())
            gap = Gap(it.mapping, finding.code, row=None, finding=finding, first=name)
            yield key, (gap, it.needs)


def _name_cause(finding: Finding, order: str) -> str:
    """Return the place of a finding in a mapping, else its message without the order's values."""
    place = finding.place
    if place is not None and place.text.name.endswith((".yaml", ".yml", ".csv", ".graphql")):
        return str(place)
    return _OF_ORDER.sub("…", finding.message.replace(order, "…"))


def _add_money(money: Money, needs: OrderNeeds) -> None:
    if needs.amount is not None:
        currency = needs.currency or ""
        money[currency] = add(money.get(currency, 0), needs.amount)
