"""The work of a diff on many orders: the same in this process and in a worker process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from ...findings.diagnostics import SourceText
from ...findings.errors import ReadError, WorkerError
from ...mapping.load import load_mapping_node, open_folder
from ...mapping.plan import Plan
from ...orders.order import Order, build_inputs, read_order
from ...orders.order_folders import join_path
from ...run import Inputs
from .allowed_fields import AllowedFields
from .causes import make_cause_finder, make_one_sided
from .changed_entries import MappingVersion, show_place
from .compare_order import ComparedOrder, PlanPair, compare_order
from .sides import DiffSide, SideFolder, load_side
from .totals import DiffTotals

Versions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DiffWork:
    """How to compare the orders below `folder`."""

    pairs: tuple[PlanPair, ...]
    allowed: AllowedFields
    folder: Path
    shared: Mapping[str, SourceText]


@dataclass(frozen=True, slots=True)
class DiffSettings:
    """The data from which another process loads the same work; `versions` are those of both sides."""

    sides: tuple[SideFolder, SideFolder]
    tenant: str
    mapping: str | None
    versions: tuple[Versions, Versions]
    allowed: AllowedFields
    folder: Path
    shared: Mapping[str, SourceText]

    def load(self) -> Callable[[Sequence[str]], DiffTotals]:
        """Return the function that compares a batch. Raise WorkerError if the mappings changed."""
        old, new = (load_side(side, self.tenant, self.mapping) for side in self.sides)
        if (old.versions, new.versions) != self.versions:
            words = f"the mappings of {self.tenant} changed during the run; run it again"
            raise WorkerError(words)
        work = DiffWork(make_pairs(old, new), self.allowed, self.folder, shared=self.shared)
        return partial(compare_batch, work)


def make_pairs(old: DiffSide, new: DiffSide) -> tuple[PlanPair, ...]:
    """Return the mappings of both sides in pairs, those of the new side first."""
    return tuple(_make_pair(name, old, new) for name in dict.fromkeys(chain(new.plans, old.plans)))


def _make_pair(name: str, old: DiffSide, new: DiffSide) -> PlanPair:
    before, now = old.plans.get(name), new.plans.get(name)
    if before is None or now is None:
        places = [
            None if plan is None else _find_mapping(side, name)
            for plan, side in ((before, old), (now, new))
        ]
        return PlanPair(name, before, now, finder=make_one_sided(name, *places))
    if before.version == now.version:
        return PlanPair(name, before, now)
    finder = make_cause_finder(_read_version(old, before), _read_version(new, now))
    return PlanPair(name, before, now, finder=finder)


def _find_mapping(side: DiffSide, name: str) -> str:
    """Return the place at which the tenant names a mapping."""
    tenant = side.loaded.tenant
    named = tenant.mappings if tenant is not None else ()
    return next((str(show_place(each.place)) for each in named if each.value == name), "")


def _read_version(side: DiffSide, plan: Plan) -> MappingVersion:
    folder = open_folder(side.folder.root, side.folder.shown_as)
    tenant = side.loaded.tenant
    node = load_mapping_node(folder, plan.tenant, plan.name).node
    return MappingVersion(node, None if tenant is None else tenant.settings, plan)


def compare_batch(work: DiffWork, names: Sequence[str]) -> DiffTotals:
    """Compare the named orders; each is read once for all mappings and both sides."""
    totals = DiffTotals()
    for name in names:
        try:
            order = read_order(join_path(work.folder, name))
            read = partial(_build_inputs, order, work.shared)
            totals.add_order([*compare_pairs(name, work.pairs, read)], work.allowed)
        except ReadError as error:
            totals.add_unread(name, error)
    return totals


def compare_pairs(
    name: str, pairs: Sequence[PlanPair], read_inputs: Callable[[Plan], Inputs]
) -> Iterator[ComparedOrder]:
    """Yield an order compared in each mapping. Raise ReadError for an order that cannot be read."""
    return (compare_order(name, pair, read_inputs) for pair in pairs)


def _build_inputs(order: Order, shared: Mapping[str, SourceText], plan: Plan) -> Inputs:
    return build_inputs(plan, order, shared)
