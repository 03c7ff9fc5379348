"""What an order asks for before it is run: a mapping's functions and the interpreter tell the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import pytest
from every_case import CASES, TENANTS, order_in
from expressions.mappings import Json, inputs, mappings, plan_of
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from live_lookups import Clock, NetSuite, Row, asked_in
from scale import scaled

from benchmarks.corpus import corpus
from engine.documents import read_json_bytes
from engine.language.budget import STEPS_PER_ORDER, Budget
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.lookups import build_table, table_to_document
from engine.mapping.plan import Plan
from engine.netsuite.lookups import LiveLookups
from engine.run import Inputs, WantedKeys
from engine.run import find_lookup_keys as interpreted_keys
from engine.run import find_next_request as interpreted_request
from engine.run.compiled import DOUBTS, compile_prerequisites, find_lookup_keys, find_next_request
from engine.run.compiled.prerequisites import (
    Prerequisites,
)
from engine.run.compiled.runtime.lookup_answers import NOTHING_NEEDED

many = settings(
    max_examples=scaled(60, full=3_000),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What `@` finds are all names with their values: each of them is compared.
KEYS = (
    "items[].name",
    "@",
    "[ts, [s, x, ns]]",
    "values(@)",
    "sum(ts)",
    "items[?sum > `1`].[id, w]",
)
ASKING = (
    "{{ lookup('live', s) }}",
    "{{ lookup('live', s, default=t) }}",
    "{{ lookup('live', s) | default('none') }}",
    "{{ lookup('live', x, default=lookup('live', t, default=1)) | default(omit) }}",
    "{{ lookup('live', s, t, default=omit) }}",
    "{{ lookup('live', u) if b else lookup('live', 'abc') ~ t }}",
    "{{ (b and lookup('live', s)) or lookup('live', t, default='') }}",
)
TABLES: tuple[Json | None, ...] = (None, {}, {"a": 1}, {"a": 1, "abc": "x", "0150": "", "1": None})


def steps_of(ask: Callable[..., object], plan: Plan, order: Inputs) -> int:
    """What a question costs the interpreter."""
    budget = Budget(STEPS_PER_ORDER)
    ask(plan, order, budget)
    return budget.allowed - budget.remaining


def wanted_alike(needs: Prerequisites, order: Inputs) -> bool:
    """Whether the function told what is wanted; it is what the interpreter tells, in the same order."""
    plan = needs.plan
    expected = repr(interpreted_keys(plan, order))
    assert repr(find_lookup_keys(plan, order)) == expected
    quick = needs.attempt_keys(order, DOUBTS)
    if quick is None:
        return False
    assert repr(quick) == expected
    # What the function counts is never less than what the interpreter does.
    steps = steps_of(interpreted_keys, plan, order)
    assert needs.attempt_keys(order, steps=steps - 1) is None
    return True


def fetched_alike(needs: Prerequisites, order: Inputs) -> Iterator[bool]:
    """For each source that is asked for, and for the end, whether the function told it."""
    plan, inputs = needs.plan, replace(order, sources={})
    while True:
        expected = interpreted_request(plan, inputs)
        assert repr(find_next_request(plan, inputs)) == repr(expected)
        quick = needs.attempt_request(inputs, DOUBTS)
        if quick is not None:
            assert repr(None if quick is NOTHING_NEEDED else quick) == repr(expected)
            steps = steps_of(interpreted_request, plan, inputs)
            assert not steps or needs.attempt_request(inputs, steps=steps - 1) is None
        yield quick is not None
        if expected is None or expected.source.name not in order.sources:
            return
        name = expected.source.name
        inputs = replace(inputs, sources={**inputs.sources, name: order.sources[name]})


@many
@given(mappings(), st.data(), st.lists(inputs(), min_size=3, max_size=3))
def test_generated_orders_ask_for_the_same(
    mapping: Json, data: st.DataObject, orders: list[Inputs]
) -> None:
    live = mapping["lookups"]["live"] | {"keys": data.draw(st.sampled_from(KEYS))}
    values = mapping["values"] | {
        name: {"is": data.draw(st.sampled_from(ASKING)), "optional": True}
        for name in data.draw(st.sampled_from(((), ("v0",), ("v2",), ("v0", "v1"))))
    }
    plan = plan_of(mapping | {"lookups": mapping["lookups"] | {"live": live}, "values": values})
    assume(plan is not None)
    assert plan is not None
    needs = compile_prerequisites(plan)
    for order in orders:
        answers = data.draw(st.sampled_from(TABLES))
        tables = {} if answers is None else {"live": build_table("live", answers)}
        is_told = wanted_alike(needs, replace(order, tables=tables))
        event("what is wanted: told" if is_told else "what is wanted: in doubt")
        event("documents: told" if all([*fetched_alike(needs, order)]) else "documents: in doubt")


@cache
def needs_of(tenant: str) -> tuple[Prerequisites, ...]:
    return tuple(
        map(compile_prerequisites, load_tenant(open_folder(TENANTS[tenant]), tenant).plans)
    )


@pytest.mark.parametrize("tenant", TENANTS)
def test_orders_of_the_tenants_ask_for_the_same_and_the_functions_tell_it(tenant: str) -> None:
    told = []
    for _, folder in (case for case in CASES if case[0] == tenant):
        for needs in needs_of(tenant):
            order = replace(order_in(tenant, folder, needs.plan), tables={})
            told += [*fetched_alike(needs, order)]
            if needs.plan.live_lookups:
                told.append(wanted_alike(needs, order))
    # A case in which something is wrong is in doubt.
    assert sum(told) > 0.8 * len(told)


class Items(NetSuite):
    """One that has every second item of those it is asked for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, bool] = {}

    async def __call__(self, query: str) -> Sequence[Row]:
        self.queries.append(query)
        keys = asked_in(query)
        for key in keys:
            self.known.setdefault(key, len(self.known) % 2 == 0)
        return [{"itemid": key, "id": f"id of {key}"} for key in keys if self.known[key]]


async def parameter(name: str) -> str:
    return f'{{"any": "{name}"}}'


async def tables_of(
    orders: list[tuple[Plan, Inputs]], find_keys: Callable[[Plan, Inputs], WantedKeys]
) -> tuple[list[str], list[str]]:
    """All queries of these orders, one after another, and the tables and findings of each."""
    netsuite, clock, found = Items(), Clock(), []

    async def find(plan: Plan, inputs: Inputs) -> WantedKeys:
        return find_keys(plan, inputs)

    async with LiveLookups(netsuite, parameter, clock=clock, find_keys=find) as lookups:
        for plan, order in orders:
            clock.now += 10
            tables, findings = await lookups.tables(plan, order)
            shown = {name: table_to_document(table) for name, table in tables.items()}
            found.append(f"{shown} {findings}")
    return netsuite.queries, found


def test_tables_and_queries_are_the_same_however_the_keys_are_found() -> None:
    """One order after another: nothing is remembered, then all of it, some of it, or too old a part."""
    orders = [
        (needs.plan, replace(order_in(tenant, folder, needs.plan), tables={}))
        for tenant, folder in CASES
        for needs in needs_of(tenant)
    ]
    for texts in corpus(80):
        order = Inputs(
            read_json_bytes("event", texts.event),
            {"order": read_json_bytes("order", texts.order)},
        )
        orders += [(needs.plan, order) for needs in needs_of("dodici")]
    queries, found = asyncio.run(tables_of(orders * 2, find_lookup_keys))
    assert (queries, found) == asyncio.run(tables_of(orders * 2, interpreted_keys))
    assert len(set(found)) > 10
    assert 10 < len(queries) < len(found)


def test_plans_of_one_version_share_their_functions_and_not_their_sources() -> None:
    (tenant, folder), *_ = CASES
    for _ in range(2):
        plan = load_tenant(open_folder(TENANTS[tenant]), tenant).plans[0]
        request = find_next_request(plan, replace(order_in(tenant, folder, plan), sources={}))
        assert request is not None
        assert request.source is plan.sources[0]
