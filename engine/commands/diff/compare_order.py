"""Compares what two versions of a mapping make of one order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from ...mapping.plan import Plan
from ...orders.report.outcomes import payloads_text
from ...run import Inputs, Outcome, RunState
from ...run.compiled import get_program
from ...service.shadow.compare import FieldDifference, RenderedSide, list_differences
from ..shadow.shadow_sums import field_name
from .causes import CauseFinder, CausingEntry
from .changed_entries import ChangedEntry
from .stop_reasons import StopReason, find_stop, list_reasons

# Differences of one order that are looked at; the others are counted.
_MAX_DIFFERENCES = 500
GONE = "the mapping is not there"


class DiffResult(StrEnum):
    """What became of an order in one mapping; the words of a shadow's results, and some more.

    `stopped` and `ignored` are the same on both sides; `reason` is another reason for no payloads.
    """

    SAME = "same"
    DIFFERENT = "different"
    ALLOWED = "allowed"
    FINDINGS = "findings"
    UNREADY = "unready"
    UNWANTED = "unwanted"
    GAINED = "gained"
    REASON = "reason"
    STOPPED = "stopped"
    IGNORED = "ignored"
    UNREAD = "unread"


_STOPPED = {
    RunState.IGNORED: DiffResult.UNWANTED,
    RunState.NOT_READY: DiffResult.UNREADY,
    RunState.FAILED: DiffResult.FINDINGS,
}


@dataclass(frozen=True, slots=True)
class PlanPair:
    """The two versions of a mapping; None for a side that has no such mapping."""

    name: str
    old: Plan | None
    new: Plan | None
    finder: CauseFinder | None = None

    @property
    def entries(self) -> Sequence[ChangedEntry]:
        """The entries of the mapping that differ."""
        return self.finder.entries if self.finder is not None else ()

    @property
    def is_same(self) -> bool:
        """Whether both sides are the same version, which gives every order the same outcome."""
        return (
            self.old is not None and self.new is not None and self.old.version == self.new.version
        )


@dataclass(frozen=True, slots=True)
class ComparedOrder:
    """The outcomes of an order on both sides, and the differences of the payloads with their causes."""

    order: str
    mapping: str
    result: DiffResult
    old: Outcome
    new: Outcome
    differences: tuple[tuple[FieldDifference, CausingEntry], ...] = ()
    more: int = 0
    cause: CausingEntry | None = None
    stop: StopReason | None = None

    def name_field(self, difference: FieldDifference) -> str:
        """Return the name of a field with the type of its record, as `salesOrder.item.items[].rate`."""
        records = {
            payload.name: payload.record
            for outcome in (self.old, self.new)
            for payload in outcome.payloads
        }
        inner = "" if difference.field == "body" else difference.field.removeprefix("body.")
        return field_name(records.get(difference.record, difference.record), inner)


def compare_order(
    order: str, pair: PlanPair, read_inputs: Callable[[Plan], Inputs]
) -> ComparedOrder:
    """Run both versions on an order and compare them. Raise ReadError for an order that cannot be read."""
    old_inputs, old = _run(pair.old, pair, read_inputs)
    if pair.is_same:
        return ComparedOrder(order, pair.name, _STATES_ALIKE[old.state], old=old, new=old)
    new_inputs, new = _run(pair.new, pair, read_inputs)
    result = _judge(old, new)
    if result is DiffResult.DIFFERENT:
        assert pair.old is not None
        assert pair.new is not None
        sides = RenderedSide(pair.old, old, old_inputs), RenderedSide(pair.new, new, new_inputs)
        return _compare_rendered(order, pair, *sides)
    if result in _ALIKE:
        return ComparedOrder(order, pair.name, result, old=old, new=new)
    stop = find_stop(old, new)
    return ComparedOrder(
        order=order,
        mapping=pair.name,
        result=result,
        old=old,
        new=new,
        cause=pair.finder.find_of_stop(stop) if pair.finder is not None else None,
        stop=stop,
    )


_STATES_ALIKE = {
    RunState.RENDERED: DiffResult.SAME,
    RunState.IGNORED: DiffResult.IGNORED,
    RunState.NOT_READY: DiffResult.STOPPED,
    RunState.FAILED: DiffResult.STOPPED,
}
_ALIKE = frozenset(_STATES_ALIKE.values())


def _run(
    plan: Plan | None, pair: PlanPair, read_inputs: Callable[[Plan], Inputs]
) -> tuple[Inputs, Outcome]:
    if plan is not None:
        inputs = read_inputs(plan)
        return inputs, get_program(plan).run(inputs)
    other = pair.old or pair.new
    assert other is not None
    absent = Outcome(
        tenant=other.tenant, mapping=pair.name, order="", state=RunState.IGNORED, reason=GONE
    )
    return Inputs(None), absent


def _judge(old: Outcome, new: Outcome) -> DiffResult:
    is_rendered = new.state is RunState.RENDERED
    if old.state is RunState.RENDERED:
        if not is_rendered:
            return _STOPPED[new.state]
        is_same = payloads_text(old) == payloads_text(new)
        return DiffResult.SAME if is_same else DiffResult.DIFFERENT
    if is_rendered:
        return DiffResult.GAINED
    if old.state is new.state and list_reasons(old) == list_reasons(new):
        return _STATES_ALIKE[new.state]
    return DiffResult.REASON


def _compare_rendered(
    order: str, pair: PlanPair, old: RenderedSide, new: RenderedSide
) -> ComparedOrder:
    every = list_differences(old, new)
    found = [*islice(every, _MAX_DIFFERENCES)]
    finder = pair.finder
    assert finder is not None
    return ComparedOrder(
        order=order,
        mapping=pair.name,
        result=DiffResult.DIFFERENT if found else DiffResult.SAME,
        old=old.outcome,
        new=new.outcome,
        differences=tuple((difference, finder.find(difference)) for difference in found),
        more=sum(1 for _ in every),
    )
