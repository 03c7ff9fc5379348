"""What the benchmarks compare is the same: the mapping written by hand, and erpmap's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from orders import MARKETS, Sample, as_json, orders, samples
from scale import scaled

from benchmarks import by_hand, ours
from benchmarks.corpus import corpus, write_corpus
from benchmarks.rivals import RIVALS
from benchmarks.tables import ITEM_ANSWERS, read_tables
from benchmarks.verdicts import compare
from engine.orders.order import read_recorded_tables, run_folder
from engine.orders.order_folders import find_orders
from engine.run import RunState

thorough = settings(
    max_examples=scaled(60, full=3_000), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

TABLES = read_tables()
RENDER = ours.renderer()
MARKET = {market.currency: market for market in reversed(MARKETS)}
CASES = sorted(path.parent for path in ROOT.glob("mappings/dodici/cases/*/order.json"))


def assert_same(event: bytes, order: bytes) -> None:
    expected = RENDER(event, order)
    if expected is None:
        with pytest.raises(by_hand.RefusedError):
            by_hand.render(event, order, TABLES)
    else:
        assert by_hand.render(event, order, TABLES) == expected


@thorough
@given(orders(MARKET["USD"]) | orders(MARKET["CAD"]))
def test_any_order_has_the_same_bytes_or_is_refused_by_both(sample: Sample) -> None:
    assert_same(as_json(sample.event).encode(), as_json(sample.order).encode())


@thorough
@given(samples(MARKET["USD"]) | samples(MARKET["CAD"]))
def test_a_sound_order_has_the_same_bytes(sample: Sample) -> None:
    assert_same(as_json(sample.event).encode(), as_json(sample.order).encode())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_has_the_same_bytes_or_is_refused_by_both(case: Path) -> None:
    assert_same((case / "event.json").read_bytes(), (case / "order.json").read_bytes())


def test_a_corpus_is_the_same_for_ever_and_each_of_its_orders_is_different() -> None:
    orders_of_corpus = corpus(50)
    assert corpus(20) == orders_of_corpus[:20]
    assert len({texts.order for texts in orders_of_corpus}) == 50
    assert corpus(1, seed=1) != corpus(1)


def test_every_order_of_a_corpus_is_rendered_and_has_the_same_bytes() -> None:
    for texts in corpus(100):
        assert RENDER(texts.event, texts.order) == by_hand.render(texts.event, texts.order, TABLES)


def test_a_corpus_can_be_rendered_by_the_command(tmp_path: Path) -> None:
    write_corpus(tmp_path, 3)
    (plan,) = (plan for plan in ours.load().plans if plan.name == ours.MAPPING)
    shared = read_recorded_tables(ITEM_ANSWERS.parent)
    names = [name for name, _ in find_orders(tmp_path)]
    assert len(names) == 3
    for name in names:
        (outcome,) = run_folder([plan], tmp_path / name, shared)
        assert outcome.state is RunState.RENDERED


PAYLOADS = b'[{"id":"00501","amount":5.00,"more":[1,2]}]'


@pytest.mark.parametrize(
    ("output", "identical", "equal", "differences"),
    [
        (PAYLOADS, 1, 1, ()),
        (b'[{"amount":5.004,"id":"00501","more":[1,2]}]', 0, 1, ()),
        (b'[{"id":501,"amount":5.01,"more":[1]}]', 0, 0, ("amount", "id", "more")),
        (b'[{"id":"00501","amount":5}]', 0, 0, ("more",)),
    ],
)
def test_what_differs_is_named(
    output: bytes, identical: int, equal: int, differences: tuple[str, ...]
) -> None:
    verdict = compare([output], [PAYLOADS])
    assert (verdict.identical, verdict.equal) == (identical, equal)
    assert tuple(sorted(place for place, _ in verdict.differences)) == differences


def test_a_quick_run_measures_everything() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    results = json.loads(done.stdout)
    contenders = {one["name"]: one for one in results["contenders"]}
    exact = ("erpmap", "by hand", "JMESPath + Jinja")
    for name in exact:
        assert contenders[name]["identical"] == results["orders_per_round"]
    for name, one in contenders.items():
        assert one["orders_per_second"] > 0, name
    assert len(contenders) + len(results["skipped"]) == 2 + len(RIVALS)
    assert results["whole_command"]


def test_a_quick_run_says_what_requests_cost_and_connections_are_reused() -> None:
    command = [sys.executable, "-m", "benchmarks.requests", "--quick", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    results = json.loads(done.stdout)
    assert len(results) == 6
    for result in results:
        assert {"httpx", "erpmap"} <= {one["name"] for one in result["contenders"]}
        assert all(one["microseconds"] > 0 for one in result["contenders"])
        assert result["connections"]["in_a_row"] == 1, result["request"]
        at_once = result["connections"]["at_once"]
        assert 1 <= at_once <= result["most_connections"], result["request"]
