"""The lineage is true: a source value that it does not name has no influence on a payload value.

The truth is the program that renders orders, run again with one source value changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any

import pytest
from changed_leaves import Place, list_leaves, other_values, replace_leaf, write_path
from conftest import ROOT
from generated.sweep import try_good
from generated.trial import RIGHT
from scale import scaled

from engine.documents import read_json_bytes, write_json_bytes
from engine.findings.diagnostics import SourceText
from engine.findings.errors import ReadError
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.orders.cases import find_cases
from engine.orders.order import Order, build_inputs, read_order, read_recorded_tables
from engine.run import Inputs, RunState
from engine.run.compiled import get_program
from engine.run.lineage import Leaf, OrderLineage, Role, list_sources, trace_order

ORDERS, CHUNKS = scaled(100, full=500), 10
CHANGED = 8  # source values of each order
TENANTS = ("dodici", "nordhus")
# Where a payload value is made of several source values, arithmetic may cancel one: price - discount + discount.
MOST_WITHOUT_EFFECT = 0.15
LEFT_OUT = object()


@cache
def load(tenant: str) -> tuple[tuple[Plan, ...], Mapping[str, SourceText]]:
    folder = ROOT / "mappings"
    loaded = load_tenant(open_folder(folder), tenant)
    assert loaded.ok, loaded.findings
    return loaded.plans, read_recorded_tables(folder / tenant / "cases" / "lookups")


@cache
def unchecked(plan: Plan) -> Plan:
    """A plan whose payloads nothing checks: a change of one amount leaves the others to be compared."""
    records = tuple(replace(record, confirm=None) for record in plan.records)
    return replace(plan, checks=(), audits=(), records=records)


@dataclass
class Tally:
    """What the changes of source values did."""

    missed: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    compared: int = 0
    ends: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Traced:
    """An order that is rendered, with its lineage: the sources of each value by path."""

    plan: Plan
    inputs: Inputs
    leaves: tuple[tuple[Leaf, Mapping[str, Role]], ...]

    def sources(self) -> Iterator[tuple[Place, object]]:
        """Every source value, with its place as paths have it."""
        yield from list_leaves(self.inputs.event, ("event",))
        for name, document in self.inputs.sources.items():
            assert isinstance(document, dict)
            yield from list_leaves(
                document["data"]["order"] if name == "order" else document, (name,)
            )

    def changed(self, place: Place, value: object) -> Inputs:
        """The inputs with another value at a place."""
        name = str(place[0])
        if name == "event":
            return replace(self.inputs, event=replace_leaf(self.inputs.event, place[1:], value))
        inner = ("data", *place) if name == "order" else place[1:]
        document = replace_leaf(self.inputs.sources[name], inner, value)
        return replace(self.inputs, sources={**self.inputs.sources, name: document})

    def differing(self, inputs: Inputs) -> set[str] | None:
        """The payload values that are others with other inputs; None without payloads."""
        outcome = get_program(unchecked(self.plan)).run(inputs)
        if outcome.state is not RunState.RENDERED:
            return None
        found = {
            (payload.name, write_path(place)): value
            for payload in outcome.payloads
            for place, value in list_leaves(dict(payload.body))
        }
        return {
            f"{leaf.record}.{leaf.path}"
            for leaf, _ in self.leaves
            if not isinstance(leaf.value, dict)  # the id of another record
            and found.get((leaf.record, leaf.path), LEFT_OUT) != _rendered(leaf)
        }


def _rendered(leaf: Leaf) -> object:
    return LEFT_OUT if leaf.is_left_out else leaf.value


def trace_good(number: int) -> list[Traced]:
    """The lineage of a generated order in the mappings that take it."""
    sale, documents, verdict = try_good(number)
    if verdict.end != RIGHT:
        return []
    plans, tables = load(sale.market.tenant)
    event, answer, account = (
        read_json_bytes("document", write_json_bytes(document)) if document is not None else None
        for document in (documents.event, documents.answer, documents.account)
    )
    sources = {"order": answer} | ({} if account is None else {"account": account})
    found = []
    for plan in plans:
        inputs = build_inputs(plan, Order(event, sources), tables)
        lineage = trace_order(plan, inputs)
        if isinstance(lineage, OrderLineage):
            leaves = tuple((leaf, named(leaf)) for leaf in lineage.leaves)
            found.append(Traced(plan, inputs, leaves))
    return found


def named(leaf: Leaf) -> Mapping[str, Role]:
    return {source.path: role for source, role in list_sources(leaf.cause).items()}


def change_each(order: Traced, rng: Random, tally: Tally) -> None:
    """Change some source values of an order, each to several others, and compare every payload value."""
    sources = list(order.sources())
    for place, value in rng.sample(sources, min(CHANGED, len(sources))):
        path, effects, fails = write_path(place), set[str](), False
        for other in other_values(value):
            differing = order.differing(order.changed(place, other))
            if differing is None:
                fails = True
                continue
            effects |= differing
            tally.compared += 1
        for leaf, sources_of_leaf in order.leaves:
            full = f"{leaf.record}.{leaf.path}"
            if full in effects and path not in sources_of_leaf:
                tally.missed.append(f"{full} is another when {path} is")
            if sources_of_leaf.get(path) is Role.VALUE and not leaf.is_left_out:
                end = "effect" if full in effects else "fails" if fails else "none"
                tally.ends[end] += 1
                is_only = list(sources_of_leaf.values()).count(Role.VALUE) == 1
                if end == "none" and is_only:
                    tally.idle.append(f"{full} stays whatever {path} is")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_source_value_that_is_not_named_leaves_the_payload_value(chunk: int) -> None:
    tally = Tally()
    for number in range(chunk, ORDERS, CHUNKS):
        for order in trace_good(number):
            change_each(order, Random(number), tally)
    assert not tally.missed
    assert tally.compared > 100
    # The other half: what is named changes the value, or the order fails.
    assert tally.ends["effect"] > tally.ends["fails"]
    assert not tally.idle
    assert tally.ends["none"] <= 1 + MOST_WITHOUT_EFFECT * tally.ends.total()


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_traced_payloads_are_the_rendered_ones(tenant: str) -> None:
    plans, tables = load(tenant)
    compared = 0
    for _, folder in find_cases(ROOT / "mappings" / tenant / "cases"):
        try:
            order = read_order(folder)
        except ReadError:
            continue
        for plan in plans:
            inputs = build_inputs(plan, order, tables)
            lineage = trace_order(plan, inputs)
            if isinstance(lineage, OrderLineage) and lineage.outcome.payloads:
                rendered: dict[str, Any] = {
                    payload.name: dict(payload.body) for payload in lineage.outcome.payloads
                }
                assert lineage.bodies == rendered
                compared += 1
    assert compared > 20
