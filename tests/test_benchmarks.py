"""What the benchmarks compare is the same: the mapping written by hand, and erpmap's."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from orders import MARKETS, Sample, as_json, orders, samples

from benchmarks import by_hand, ours
from benchmarks.tables import read_tables

thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TABLES = read_tables()
RENDER = ours.renderer()
MARKET = {market.currency: market for market in MARKETS}
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
