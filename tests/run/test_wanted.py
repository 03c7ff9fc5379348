"""Which keys an order asks its live lookups for, found without any answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from live_lookups import HEAD, ITEM, ITEMS, RECORD, order, plan_of

from engine.mapping.lookups import build_table
from engine.run import Inputs, WantedKeys, find_lookup_keys


def test_lists_are_taken_apart_and_each_key_stands_once(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, HEAD + ITEM + ITEMS)
    skus = ["B", ["A", [None, "B"]], 1, "1", Decimal("1.0"), True, {"a": 1}]
    wanted = find_lookup_keys(plan, order(skus=skus))
    assert wanted.keys == {"item": ("B", "A", 1, "1", Decimal("1.0"), True, {"a": 1})}
    assert wanted.requested == {}


@pytest.mark.parametrize(
    "inputs", [order(skus=["A"], skip=True), Inputs([]), replace(order(), event={"name": "x"})]
)
def test_an_order_that_does_not_come_to_its_fields_wants_nothing(
    tmp_path: Path, inputs: Inputs
) -> None:
    assert find_lookup_keys(plan_of(tmp_path, HEAD + ITEM + ITEMS), inputs) == WantedKeys()


def test_an_order_that_is_not_ready_wants_nothing(tmp_path: Path) -> None:
    ready = """
ready: {paid: {check: event.payload.paid, otherwise: later}}
retry: {later: {respond: 200, wait: [1m], for: 1h, then: park}}
"""
    plan = plan_of(tmp_path, HEAD + ready + ITEM + ITEMS)
    assert find_lookup_keys(plan, order(skus=["A"])) == WantedKeys()
    assert find_lookup_keys(plan, order(skus=["A"], paid=True)).keys == {"item": ("A",)}


def test_what_fails_beside_the_keys_does_not_matter(tmp_path: Path) -> None:
    broken = HEAD + "  gone: event.payload.gone\n"
    plan = plan_of(tmp_path, broken + ITEM + ITEMS)
    assert find_lookup_keys(plan, order(skus=["A"])) == WantedKeys({"item": ("A",)})
    needs = ITEM.replace("keys: skus", 'keys: "[gone, skus]"')
    assert find_lookup_keys(plan_of(tmp_path, broken + needs + ITEMS), order()) == WantedKeys(
        {"item": ()}
    )


def test_a_parameter_is_a_whole_table(tmp_path: Path) -> None:
    text = "lookups: {cards: {parameter: cards}}\n" + RECORD % "x"
    assert find_lookup_keys(plan_of(tmp_path, HEAD + text), order()).keys == {"cards": ()}


def test_values_tell_what_they_asked(tmp_path: Path) -> None:
    value = "values: {first: \"{{ lookup('item', skus[0]) }}\"}\n"
    keys = ITEM.replace("keys: skus", "keys: first")
    plan = plan_of(tmp_path, HEAD + value + keys + ITEMS)
    inputs = order(skus=["A"])
    assert find_lookup_keys(plan, inputs) == WantedKeys({"item": ("A",)}, {"item": ("A",)})
    answered = replace(inputs, tables={"item": build_table("item", {"A": "7"})})
    assert find_lookup_keys(plan, answered) == WantedKeys({"item": ("A", "7")}, {"item": ("A",)})
