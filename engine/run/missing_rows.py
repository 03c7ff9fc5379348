"""Find every row that an order needs from the lookup tables and that they lack. Pure.

A missing row hides the next: what depends on it is not computed. So the order is run again with a
stand-in for each missing row, the value of a row that the table has, until no further row is missing.
Only missing rows are taken from these runs; a check that fails with a stand-in says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from ..documents.exact import Number
from ..findings.errors import ExpressionError, LookupMissingError
from ..mapping.lookups import Row, Table, is_unfilled, key_text, look_up
from ..mapping.plan import Field, Plan
from .inputs import Inputs
from .run import run_in
from .run_context import begin_run
from .scope import Lookup, RunContext

# The field that holds what the order costs; a mapping without it has other fields of money.
_TOTAL = "grand_total"
_MAX_RUNS = 12
# The rows of a table among which a stand-in is searched.
_MAX_ROWS = 1000
_MISSING = "E0601"


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A key that a table lacks, as text; with `is_unfilled` there is a row, and it still has the mark UNFILLED."""

    lookup: str
    key: tuple[str, ...]
    is_unfilled: bool = False


@dataclass(frozen=True, slots=True)
class OrderNeeds:
    """The rows that the tables lack for one order, and what the order costs, if that can be read."""

    rows: tuple[MissingRow, ...] = ()
    amount: Number | None = None
    currency: str | None = None


def find_order_needs(plan: Plan, inputs: Inputs) -> OrderNeeds:
    """Return the rows that the tables lack for an order, and the amount that it is about.

    The amount is the field `grand_total`, else the largest field of the type money.
    """
    tables = {**plan.tables, **inputs.tables}
    recorder = _Recorder(tables)
    needs = OrderNeeds()
    for _ in range(_MAX_RUNS):
        context = begin_run(plan, inputs)
        context.lookup = recorder.record(context.lookup)
        run_in(plan, context, inputs)
        amount = _find_amount(plan, context)
        needs = needs if needs.amount is not None else OrderNeeds((), amount, context.currency)
        missing = {(f.lookup, f.message) for f in context.findings.in_order() if f.code == _MISSING}
        if not recorder.add_stand_ins(missing):
            break
    return OrderNeeds((*recorder.missing, *recorder.unfilled), needs.amount, needs.currency)


@dataclass(slots=True)
class _Recorder:
    """Records the keys that lookups miss, and answers those with a stand-in.

    `missed` are the keys by lookup and message: a template may catch a miss, so only a finding of that
    message makes a missing row.
    """

    tables: Mapping[str, Table]
    missed: dict[tuple[str | None, str], dict[MissingRow, None]] = field(default_factory=dict)
    missing: dict[MissingRow, object] = field(default_factory=dict)
    unfilled: dict[MissingRow, None] = field(default_factory=dict)

    def record(self, lookup: Lookup) -> Lookup:
        """Return the same lookup, which also records missed keys and knows the stand-ins."""

        def look_up_or_stand_in(name: str, keys: tuple[object, ...]) -> object:
            try:
                value = lookup(name, keys)
            except LookupMissingError as error:
                row = self._make_row(name, keys)
                if row in self.missing:
                    return self._stand_in(row, error)
                self.missed.setdefault((name, error.message), {})[row] = None
                raise
            if is_unfilled(value):
                texts = tuple(key_text(key, ignore_case=False) for key in keys)
                self.unfilled[MissingRow(name, texts, is_unfilled=True)] = None
            return value

        return look_up_or_stand_in

    def add_stand_ins(self, found: set[tuple[str | None, str]]) -> bool:
        """Add the rows of findings; return whether another run may find more."""
        rows = [row for each in found for row in self.missed.get(each, ())]
        self.missed.clear()
        for row in sorted(rows, key=lambda row: (row.lookup, row.key)):
            self.missing[row] = _find_stand_in(self.tables[row.lookup], row.key)
        return any(self.missing[row] is not _NONE for row in rows)

    def _make_row(self, name: str, keys: tuple[object, ...]) -> MissingRow:
        return MissingRow(name, tuple(key_text(key, ignore_case=False) for key in keys))

    def _stand_in(self, row: MissingRow, error: LookupMissingError) -> object:
        value = self.missing[row]
        if value is _NONE:
            raise error
        return value


_NONE = object()


def _find_stand_in(table: Table, key: tuple[str, ...]) -> object:
    """Return the value of the row that shares most cells with a key; _NONE where no row has a value."""
    rows = sorted(islice(table.rows, _MAX_ROWS), key=lambda row: -_count_shared(row, key))
    for row in rows[:1]:
        try:
            return look_up(table, row.key[: len(key)])
        except ExpressionError:
            return _NONE
    return _NONE


def _count_shared(row: Row, key: tuple[str, ...]) -> int:
    return sum(cell == part for cell, part in zip(row.key, key, strict=False))


def _find_amount(plan: Plan, context: RunContext) -> Number | None:
    """Return what the order costs, or None where no field of money has a value."""
    found = dict(_list_money(plan, context))
    return found.get(_TOTAL, max(found.values(), default=None))


def _list_money(plan: Plan, context: RunContext) -> Iterator[tuple[str, Number]]:
    for each in plan.fields:
        value = context.names.peek(each.name)
        if isinstance(each, Field) and each.type == "money" and isinstance(value, Number):
            yield each.name, value
