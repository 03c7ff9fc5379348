"""What live lookups ask, what they remember, and what they make of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from live_lookups import (
    HEAD,
    ITEM,
    ITEMS,
    RECORD,
    Clock,
    NetSuite,
    Row,
    asked_in,
    live_of,
    no_parameter,
    order,
    plan_of,
)

from engine.findings.diagnostics import Finding
from engine.mapping.lookups import Table, build_table, look_up
from engine.mapping.plan import Plan
from engine.netsuite.lookups import LiveLookups
from engine.run import Inputs, Outcome, run

MAPPING = HEAD + ITEM + ITEMS


def got(
    live: LiveLookups, plan: Plan, inputs: Inputs
) -> tuple[dict[str, Table], tuple[Finding, ...]]:
    return asyncio.run(live.tables(plan, inputs))


def rendered(live: LiveLookups, plan: Plan, inputs: Inputs) -> Outcome:
    """What becomes of an order with the tables it asked for."""
    tables, findings = got(live, plan, inputs)
    assert findings == ()
    return run(plan, replace(inputs, tables={**inputs.tables, **tables}))


def memo(outcome: Outcome) -> object:
    assert outcome.ok, outcome.findings
    return outcome.payloads[0].body["memo"]


def test_the_keys_of_an_order_are_one_question(tmp_path: Path) -> None:
    netsuite = NetSuite({"itemid": "A", "id": "7"}, {"itemid": "B", "id": "8"})
    inputs = order(skus=["B", ["A", None, "B"], "C", ""])
    plan = plan_of(tmp_path, MAPPING)
    tables, findings = got(live_of(netsuite), plan, inputs)
    assert netsuite.queries == ["SELECT itemid, id FROM item WHERE itemid IN ('B', 'A', 'C')"]
    assert findings == ()
    recorded = build_table("item", netsuite.rows[::-1])
    assert [(row.key, row.value) for row in tables["item"].rows] == [
        (row.key, row.value) for row in recorded.rows
    ]
    assert memo(run(plan, replace(inputs, tables=tables))) == "8"


def test_a_key_that_is_not_there_is_missed_by_whoever_uses_it(tmp_path: Path) -> None:
    plan, inputs = plan_of(tmp_path, MAPPING), order(skus=["X"])
    outcome = rendered(live_of(NetSuite()), plan, inputs)
    assert [finding.code for finding in outcome.findings] == ["E0601"]
    unused = plan_of(tmp_path, HEAD + ITEM + RECORD % "x")
    assert memo(rendered(live_of(NetSuite()), unused, inputs)) == "x"


@pytest.mark.parametrize("payload", [{"skus": ["A"], "skip": True}, {"skus": []}])
def test_an_order_without_keys_asks_nothing(tmp_path: Path, payload: dict[str, object]) -> None:
    netsuite = NetSuite()
    tables, findings = got(live_of(netsuite), plan_of(tmp_path, MAPPING), order(**payload))
    assert netsuite.queries == []
    assert findings == ()
    assert set(tables) == (set() if "skip" in payload else {"item"})


def test_recorded_answers_are_not_asked_again(tmp_path: Path) -> None:
    netsuite = NetSuite()
    given = {"item": build_table("item", {"A": "9"})}
    inputs = replace(order(skus=["A"]), tables=given)
    assert memo(rendered(live_of(netsuite), plan_of(tmp_path, MAPPING), inputs)) == "9"
    assert netsuite.queries == []


def test_keys_are_asked_in_batches_of_a_thousand(tmp_path: Path) -> None:
    skus = [f"S{number}" for number in range(2_001)]
    netsuite = NetSuite(*({"itemid": sku, "id": sku} for sku in skus))
    tables, _ = got(live_of(netsuite), plan_of(tmp_path, MAPPING), order(skus=skus))
    assert [len(asked_in(query)) for query in netsuite.queries] == [1000, 1000, 1]
    assert all(look_up(tables["item"], (sku,)) == sku for sku in skus)


CHAIN = """
values:
  first:  "{{ lookup('item', skus[0]) }}"
  second: "{{ lookup('place', first) }}"
lookups:
  item:  {suiteql: "SELECT itemid, id FROM item WHERE itemid IN ({keys})", keys: skus}
  place: {suiteql: "SELECT itemid, name FROM place WHERE itemid IN ({keys})", keys: first}
"""


def test_a_value_that_needs_one_lookup_is_the_key_of_the_next(tmp_path: Path) -> None:
    netsuite = NetSuite({"itemid": "A", "id": "7"}, {"itemid": "7", "name": "Oslo"})
    plan = plan_of(tmp_path, HEAD + CHAIN + RECORD % "{{ second }}")
    assert memo(rendered(live_of(netsuite), plan, order(skus=["A"]))) == "Oslo"
    assert list(map(asked_in, netsuite.queries)) == [["A"], ["7"]]


ENTRIES = """
erpmap: 1
mapping: m
on: {event: order.opened}
fields:
  items:
    each: event.payload.items
    fields: {sku: sku}
    values: {item: "{{ lookup('item', sku) }}"}
lookups:
  item: {suiteql: "SELECT itemid, id FROM item WHERE itemid IN ({keys})", keys: "items[].sku"}
"""


def test_entries_whose_own_values_need_the_lookup_are_asked_for(tmp_path: Path) -> None:
    netsuite = NetSuite({"itemid": "A", "id": "7"}, {"itemid": "B", "id": "8"})
    plan = plan_of(tmp_path, ENTRIES + RECORD % "{{ items | map('item') | join(' ') }}")
    items = [{"sku": "A"}, {"sku": "B"}]
    assert memo(rendered(live_of(netsuite), plan, order(items=items))) == "7 8"
    assert list(map(asked_in, netsuite.queries)) == [["A", "B"]]


def test_rounds_are_bounded(tmp_path: Path) -> None:
    values = "".join(f"  v{n + 1}: \"{{{{ lookup('item', v{n}) }}}}\"\n" for n in range(9))
    text = HEAD + 'values:\n  v0: "{{ skus[0] }}"\n' + values + ITEM + RECORD % "{{ v9 }}"
    plan = plan_of(tmp_path, text)
    netsuite = NetSuite(*({"itemid": str(n), "id": str(n + 1)} for n in range(9)))
    _, findings = got(live_of(netsuite), plan, order(skus=["0"]))
    assert [finding.code for finding in findings] == ["E0615"]
    assert len(netsuite.queries) == 8
    assert memo(rendered(live_of(netsuite, rounds=20), plan, order(skus=["0"]))) == "9"


def test_a_path_of_keys_that_fails_is_a_finding(tmp_path: Path) -> None:
    text = MAPPING.replace("keys: skus", 'keys: "sum(skus)"')
    _, (finding,) = got(live_of(NetSuite()), plan_of(tmp_path, text), order(skus=["A"]))
    assert (finding.code, finding.trail) == ("E0304", "lookups.item.keys")
    assert finding.place is not None


# What is remembered


def test_answers_are_kept_as_long_as_the_lookup_says(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING.replace("keys: skus", "keys: skus, cache: 1h"))
    clock, netsuite = Clock(), NetSuite({"itemid": "A", "id": "7"})
    live = live_of(netsuite, clock)
    for now, count in ((0, 1), (3599, 1), (3600, 2)):
        clock.now = now
        got(live, plan, order(skus=["A"]))
        assert len(netsuite.queries) == count


def test_misses_are_kept_for_a_short_time(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING.replace("keys: skus", "keys: skus, cache: 1h"))
    clock, netsuite = Clock(), NetSuite()
    live = live_of(netsuite, clock, miss_seconds=30)
    for now, count in ((0, 1), (29, 1), (30, 2)):
        clock.now = now
        got(live, plan, order(skus=["A"]))
        assert len(netsuite.queries) == count


@pytest.mark.parametrize("keys", [None, ["A"]])
def test_what_was_created_is_found(tmp_path: Path, keys: list[object] | None) -> None:
    plan, netsuite = plan_of(tmp_path, MAPPING), NetSuite({"itemid": "B", "id": "8"})
    live = live_of(netsuite)
    got(live, plan, order(skus=["A", "B"]))
    netsuite.rows.append({"itemid": "A", "id": "7"})
    live.forget(plan.live_lookups[0], ["other"])
    with_miss, _ = got(live, plan, order(skus=["A", "B"]))
    assert len(with_miss["item"].rows) == 1
    live.forget(plan.live_lookups[0], keys)
    tables, _ = got(live, plan, order(skus=["A", "B"]))
    assert look_up(tables["item"], ("A",)) == "7"
    assert list(map(asked_in, netsuite.queries)) == [["A", "B"], ["A"]]


def test_the_least_recently_used_answer_goes_first(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING)
    netsuite = NetSuite(*({"itemid": sku, "id": sku} for sku in "ABC"))
    live = live_of(netsuite, entries=2)
    for sku in "ABACAB":
        got(live, plan, order(skus=[sku]))
    assert [asked_in(query) for query in netsuite.queries] == [["A"], ["B"], ["C"], ["B"]]


class SlowNetSuite(NetSuite):
    """One that answers when it is told to."""

    def __init__(self, *rows: Row) -> None:
        super().__init__(*rows)
        self.open = asyncio.Event()
        self.fails = False

    async def __call__(self, query: str) -> Sequence[Row]:
        rows = await super().__call__(query)
        await self.open.wait()
        if self.fails:
            raise ConnectionError
        return rows


async def under_way(netsuite: NetSuite, count: int) -> None:
    """Until so many questions have been asked."""
    while len(netsuite.queries) < count:
        await asyncio.sleep(0)


def test_orders_that_want_the_same_key_share_a_question(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING)

    async def together() -> None:
        netsuite = SlowNetSuite(*({"itemid": sku, "id": sku} for sku in "ABC"))
        async with live_of(netsuite) as live:
            first = asyncio.create_task(live.tables(plan, order(skus=["A", "B"])))
            await under_way(netsuite, 1)
            second = asyncio.create_task(live.tables(plan, order(skus=["B", "C"])))
            await under_way(netsuite, 2)
            # Who gives up leaves the question to the others.
            first.cancel()
            await asyncio.sleep(0)
            netsuite.open.set()
            tables, _ = await second
            assert sorted(row.key for row in tables["item"].rows) == [("B",), ("C",)]
            assert list(map(asked_in, netsuite.queries)) == [["A", "B"], ["C"]]
            with pytest.raises(asyncio.CancelledError):
                await first
            await live.tables(plan, order(skus=["A"]))
            assert len(netsuite.queries) == 2

    asyncio.run(together())


def test_a_question_that_fails_fails_for_all_and_is_asked_again(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING)

    async def together() -> None:
        netsuite = SlowNetSuite({"itemid": "A", "id": "7"})
        netsuite.fails = True
        async with live_of(netsuite) as live:
            orders = [asyncio.create_task(live.tables(plan, order(skus=["A"]))) for _ in range(3)]
            await under_way(netsuite, 1)
            netsuite.open.set()
            done = await asyncio.gather(*orders, return_exceptions=True)
            assert [type(each) for each in done] == [ConnectionError] * 3
            netsuite.fails = False
            tables, _ = await live.tables(plan, order(skus=["A"]))
            assert look_up(tables["item"], ("A",)) == "7"
            assert len(netsuite.queries) == 2

    asyncio.run(together())


def test_a_miss_that_was_under_way_when_it_was_forgotten_is_not_kept(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING)

    async def together() -> None:
        netsuite = SlowNetSuite()
        async with live_of(netsuite) as live:
            early = asyncio.create_task(live.tables(plan, order(skus=["A"])))
            await under_way(netsuite, 1)
            netsuite.rows.append({"itemid": "A", "id": "7"})
            live.forget(plan.live_lookups[0], ["A"])
            late = asyncio.create_task(live.tables(plan, order(skus=["A"])))
            await under_way(netsuite, 2)
            netsuite.open.set()
            assert len((await early)[0]["item"].rows) == 0
            for task in (late, asyncio.create_task(live.tables(plan, order(skus=["A"])))):
                assert look_up((await task)[0]["item"], ("A",)) == "7"
            assert len(netsuite.queries) == 2

    asyncio.run(together())


def test_closing_gives_up_what_is_under_way(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING)

    async def closed() -> None:
        netsuite = SlowNetSuite()
        async with live_of(netsuite) as live:
            task = asyncio.create_task(live.tables(plan, order(skus=["A"])))
            await under_way(netsuite, 1)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(closed())


# What is made of the answers


def test_null_columns_are_left_out_and_several_columns_are_a_row(tmp_path: Path) -> None:
    text = MAPPING.replace("SELECT itemid, id", "SELECT itemid, id, i.upc AS code")
    text = text.replace("skus[0]) }}", "skus[0]).id }}")
    netsuite = NetSuite({"itemid": "A", "id": "7", "links": "[]"})
    tables, _ = got(live_of(netsuite), plan_of(tmp_path, text), order(skus=["A"]))
    assert look_up(tables["item"], ("A",)) == {"id": "7", "code": None}


def test_key_and_value_may_be_other_columns(tmp_path: Path) -> None:
    text = MAPPING.replace("SELECT itemid, id", "SELECT id, note, itemid").replace(
        "keys: skus", "keys: skus, key: itemid, value: id"
    )
    rows = {"itemid": "A", "id": "7", "note": "x"}
    tables, _ = got(live_of(NetSuite(rows)), plan_of(tmp_path, text), order(skus=["A"]))
    assert look_up(tables["item"], ("A",)) == "7"


def test_two_answers_for_one_key_are_a_finding(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, MAPPING)
    twice = NetSuite({"itemid": "A", "id": "7"}, {"itemid": "A", "id": "8"})
    inputs = order(skus=["A"])
    tables, (finding,) = got(live_of(twice), plan, inputs)
    assert finding.code == "E0613"
    assert finding.message == "the lookup 'item' has 2 answers for 'A'"
    assert finding.hint == "7 and 8: let the query tell them apart, or correct NetSuite"
    assert finding.place is not None
    (missed,) = run(plan, replace(inputs, tables=tables)).findings
    assert missed.hint == "NetSuite has 2 answers for it: 7 and 8"
    same = NetSuite({"itemid": "A", "id": "7"}, {"itemid": "A", "id": "7"})
    assert memo(rendered(live_of(same), plan, inputs)) == "7"


def test_inactive_rows_are_not_used_and_their_miss_says_so(tmp_path: Path) -> None:
    text = MAPPING.replace("SELECT itemid, id", "SELECT itemid, id, isinactive")
    plan, inputs = plan_of(tmp_path, text), order(skus=["A"])
    old = {"itemid": "A", "id": "7", "isinactive": "T"}
    (finding,) = rendered(live_of(NetSuite(old)), plan, inputs).findings
    assert finding.code == "E0601"
    assert "inactive" in (finding.hint or "")
    new = {"itemid": "A", "id": "8", "isinactive": "F"}
    assert memo(rendered(live_of(NetSuite(old, new)), plan, inputs)) == "8"


def test_an_answer_without_the_column_of_the_key_is_a_finding(tmp_path: Path) -> None:
    class Misspelled(NetSuite):
        async def __call__(self, query: str) -> Sequence[Row]:
            self.queries.append(query)
            return [{"ITEMID": "A", "id": "7"}]

    netsuite = Misspelled()
    live = live_of(netsuite)
    tables, (finding,) = got(live, plan_of(tmp_path, MAPPING), order(skus=["A"]))
    assert tables == {}
    assert finding.code == "E0606"
    assert finding.hint == "it has ITEMID, id; null columns are left out"
    got(live, plan_of(tmp_path, MAPPING), order(skus=["A"]))
    assert len(netsuite.queries) == 2


def test_prefix_and_case_are_asked_for_too(tmp_path: Path) -> None:
    text = MAPPING.replace("keys: skus", "keys: skus, prefix: 3, ignore_case: true")
    netsuite = NetSuite({"itemid": "NYC", "id": "7"})
    plan = plan_of(tmp_path, text)
    assert memo(rendered(live_of(netsuite), plan, order(skus=["Nyc-01"]))) == "7"
    asked = ["Nyc-01", "nyc-01", "NYC-01", "Nyc", "nyc", "NYC"]
    assert list(map(asked_in, netsuite.queries)) == [asked]


def test_two_lookups_of_an_order_are_asked_side_by_side(tmp_path: Path) -> None:
    other = ITEM + ITEM.replace("\nlookups:", "").replace("  item:", "  other:").replace(
        "FROM item", "FROM other"
    )

    async def together() -> None:
        netsuite = SlowNetSuite()
        plan = plan_of(tmp_path, HEAD + other + ITEMS)
        async with LiveLookups(netsuite, no_parameter, clock=Clock()) as live:
            task = asyncio.create_task(live.tables(plan, order(skus=["A"])))
            await under_way(netsuite, 2)
            netsuite.open.set()
            assert set((await task)[0]) == {"item", "other"}

    asyncio.run(together())
