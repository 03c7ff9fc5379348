"""Sums up the orders that differ, by field and cause, by reason, and by money. Pure.

The memory needed grows with the kinds of differences, not with the orders. Totals of batches are merged
in the order of the batches, and give what one process would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from ...documents import write_json
from ...documents.exact import Number
from ...findings.errors import ReadError
from ...findings.quote import shortened
from ...service.shadow.compare import MISSING, FieldDifference
from ..output.compare_documents import DocumentDifference
from ..shadow.shadow_sums import add_difference, is_money
from .allowed_fields import AllowedFields
from .changed_entries import show_place
from .compare_order import ComparedOrder, DiffResult
from .groups import (
    ChangeExample,
    FieldGroup,
    FieldKey,
    MoneyKey,
    MoneySum,
    RefusedOrder,
    StopGroup,
    StopKey,
    merge_groups,
)
from .money import find_currency, list_postings, measure_change, pair_sums
from .stop_reasons import StopReason

_MAX_ROWS, _MAX_REFUSED, _MAX_LARGEST, _VALUE = 20, 1_000, 3, 200
# Results that are no difference, and those of orders that are no longer written.
WITHOUT_DIFFERENCE = frozenset(
    (DiffResult.SAME, DiffResult.ALLOWED, DiffResult.STOPPED, DiffResult.IGNORED, DiffResult.UNREAD)
)
_REFUSED = frozenset((DiffResult.FINDINGS, DiffResult.UNREADY, DiffResult.UNWANTED))


@dataclass(slots=True)
class DiffTotals:
    """The results of a diff: by mapping and result, by group, and the money on both sides.

    `sums` are those of the checks over all orders, `accounts` those of amounts over the orders that differ.
    `unlisted` are groups beyond the limits.
    """

    orders: int = 0
    results: Counter[tuple[str, DiffResult]] = field(default_factory=Counter)
    fields: dict[FieldKey, FieldGroup] = field(default_factory=dict)
    stops: dict[StopKey, StopGroup] = field(default_factory=dict)
    sums: dict[MoneyKey, MoneySum] = field(default_factory=dict)
    accounts: dict[MoneyKey, MoneySum] = field(default_factory=dict)
    largest: list[ChangeExample] = field(default_factory=list)
    refused: list[RefusedOrder] = field(default_factory=list)
    unread: dict[StopKey, StopGroup] = field(default_factory=dict)
    unlisted: int = 0

    def count(self, result: DiffResult) -> int:
        """Return the count of a result in all mappings."""
        return sum(count for (_, kind), count in self.results.items() if kind is result)

    @property
    def is_same(self) -> bool:
        """Whether no order differs but in what is allowed."""
        return all(kind in WITHOUT_DIFFERENCE for _, kind in self.results)

    def add_order(self, compared: Iterable[ComparedOrder], allowed: AllowedFields) -> None:
        """Add one order with its outcomes in each mapping; an order that all ignore is counted once."""
        self.orders += 1
        wanted = [each for each in compared if each.result is not DiffResult.IGNORED]
        if not wanted:
            self.results["", DiffResult.IGNORED] += 1
        for each in wanted:
            self._add_sums(each)
            if each.result is DiffResult.DIFFERENT:
                self._add_different(each, allowed)
            else:
                self.results[each.mapping, each.result] += 1
                if each.result not in WITHOUT_DIFFERENCE:
                    self._add_stopped(each)

    def add_unread(self, order: str, error: ReadError) -> None:
        """Add an order that cannot be read."""
        self.orders += 1
        self.results["", DiffResult.UNREAD] += 1
        finding = error.findings[0] if error.findings else None
        code, words = (finding.code, finding.message) if finding else ("", str(error))
        example = ChangeExample(order, "", DiffResult.UNREAD, reason=words)
        key = StopKey(
            mapping="", result=DiffResult.UNREAD, code=code, place=None, cause="", at=None
        )
        group = StopGroup(example, shortened(words, _VALUE), orders=1)
        self.unlisted += merge_groups(self.unread, {key: group})

    def merge(self, other: DiffTotals) -> None:
        """Add the totals of a later batch."""
        self.orders += other.orders
        self.results.update(other.results)
        self.unlisted += other.unlisted
        self.unlisted += merge_groups(self.fields, other.fields)
        self.unlisted += merge_groups(self.stops, other.stops)
        self.unlisted += merge_groups(self.sums, other.sums)
        self.unlisted += merge_groups(self.accounts, other.accounts)
        self.unlisted += merge_groups(self.unread, other.unread)
        self.refused += other.refused[: _MAX_REFUSED - len(self.refused)]
        self._keep_largest(other.largest)

    def _add_different(self, compared: ComparedOrder, allowed: AllowedFields) -> None:
        example = _make_example(compared, _list_rows(compared))
        groups: dict[FieldKey, FieldGroup] = {}
        currency = example.currency
        for difference, cause in compared.differences:
            name = compared.name_field(difference)
            key = FieldKey(compared.mapping, name, cause=cause.name, at=cause.at)
            group = groups.get(key)
            if group is None:
                first, pattern = _make_row(name, difference), allowed.find(name)
                group = FieldGroup(example, first, cause.names, pattern=pattern, orders=1)
                groups[key] = group
            by = _measure(difference)
            if by is not None:
                group.merge(FieldGroup(example, group.first, by={currency: by}))
        self.unlisted += merge_groups(self.fields, groups)
        is_allowed = not compared.more and all(group.pattern for group in groups.values())
        result = DiffResult.ALLOWED if is_allowed else DiffResult.DIFFERENT
        self.results[compared.mapping, result] += 1
        self._add_accounts(compared, currency)
        if not is_allowed:
            self._keep_largest([example])

    def _add_stopped(self, compared: ComparedOrder) -> None:
        stop, cause = compared.stop, compared.cause
        assert stop is not None
        example = _make_example(compared, (), stop)
        key = StopKey(
            mapping=compared.mapping,
            result=compared.result,
            code=stop.code,
            place=show_place(stop.place),
            cause=cause.name if cause else "",
            at=cause.at if cause else None,
        )
        group = StopGroup(example, stop.message, cause.names if cause else (), orders=1)
        self.unlisted += merge_groups(self.stops, {key: group})
        self._add_accounts(compared, example.currency)
        self._keep_largest([example])
        if compared.result in _REFUSED and len(self.refused) < _MAX_REFUSED:
            self.refused.append(
                RefusedOrder(
                    order=compared.order,
                    mapping=compared.mapping,
                    result=compared.result,
                    code=stop.code,
                    message=stop.message,
                )
            )

    def _add_sums(self, compared: ComparedOrder) -> None:
        found: dict[MoneyKey, MoneySum] = {}
        for is_now, sums in enumerate(pair_sums(compared)):
            for (check, term, currency), number in sums.items():
                key = MoneyKey(compared.mapping, check, part=term, currency=currency)
                _add_side(found.setdefault(key, MoneySum(1)), number, is_now=bool(is_now))
        self.unlisted += merge_groups(self.sums, found)

    def _add_accounts(self, compared: ComparedOrder, currency: str) -> None:
        found: dict[MoneyKey, MoneySum] = {}
        for is_now, outcome in enumerate((compared.old, compared.new)):
            for account, number in list_postings(outcome):
                key = MoneyKey(compared.mapping, account, part="", currency=currency)
                _add_side(found.setdefault(key, MoneySum(1)), number, is_now=bool(is_now))
        self.unlisted += merge_groups(self.accounts, found)

    def _keep_largest(self, more: Sequence[ChangeExample]) -> None:
        """Keep the examples with the largest changes of money; the earlier one of equal changes."""
        changed = [example for example in more if example.money]
        if changed:
            ranked = sorted(chain(self.largest, changed), key=lambda example: -example.money)
            self.largest = ranked[:_MAX_LARGEST]


def choose_examples(totals: DiffTotals, most: int = 3) -> list[ChangeExample]:
    """Return the most telling examples: the largest change of money, then one of each kind of group.

    The first orders of the largest groups go first.
    """
    fields = [group for group in totals.fields.values() if group.pattern is None]
    stopped = sorted(totals.stops.values(), key=lambda group: -group.orders)
    different = sorted(fields, key=lambda group: -group.orders)
    in_turn = chain.from_iterable(zip_longest(stopped, different))
    examples = chain(totals.largest[:1], (group.example for group in in_turn if group is not None))
    found = {(example.order, example.mapping): example for example in examples}
    return [*found.values()][:most]


def _add_side(total: MoneySum, number: Number, *, is_now: bool) -> None:
    total.merge(MoneySum(0, now=number) if is_now else MoneySum(0, before=number))


def _make_example(
    compared: ComparedOrder, rows: Sequence[DocumentDifference], stop: StopReason | None = None
) -> ChangeExample:
    money = measure_change(compared)
    if not money:
        for difference, _ in compared.differences:
            by = _measure(difference) or 0
            money = max(money, by, -by)
    reason = "" if stop is None else ": ".join(part for part in (stop.code, stop.message) if part)
    return ChangeExample(
        order=compared.order,
        mapping=compared.mapping,
        result=compared.result,
        money=money,
        currency=find_currency(compared.new) or find_currency(compared.old),
        rows=tuple(rows[:_MAX_ROWS]),
        more=max(0, len(rows) - _MAX_ROWS) + compared.more,
        reason=reason,
    )


def _list_rows(compared: ComparedOrder) -> list[DocumentDifference]:
    return [
        _make_row(compared.name_field(difference), difference)
        for difference, _ in compared.differences
    ]


def _make_row(name: str, difference: FieldDifference) -> DocumentDifference:
    before, now = (_show_value(value) for value in (difference.live, difference.shadow))
    return DocumentDifference(name, before, now)


def _show_value(value: object) -> str | None:
    return None if value is MISSING else shortened(write_json(value), _VALUE)


def _measure(difference: FieldDifference) -> Number | None:
    """Return the change of a field that holds money; None for any other."""
    sides = {"live": difference.live, "shadow": difference.shadow}
    values = {name: value for name, value in sides.items() if value is not MISSING}
    return add_difference(0, values) if is_money(difference.field) else None
