"""Every case of the example tenants, put into a shop, is answered as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from newstore_shops import Asking, Clock, served, shop

from engine.documents import read_json_bytes
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.simulator.newstore import SimulatedShop

TENANTS = {
    ROOT / "mappings" / "dodici": "dodici-sandbox",
    ROOT / "mappings" / "nordhus": "nordhus-staging",
    ROOT / "tests" / "orders" / "tour" / "mappings" / "acme": "acme",
}
CASES = [
    path.parent
    for folder in TENANTS
    for path in sorted(folder.glob("cases/*/event.json"))
    if (path.parent / "order.json").is_file() or (path.parent / "return.json").is_file()
]
# A connection may not be null, and a page holds what was asked for: these two have tests of their own.
OTHERWISE = {"customer-without-address", "lines-two-thousand"}
# NewStore writes moments in UTC and without an offset; these were recorded otherwise.
MOMENTS = {
    "2026-12-04T05:00:00Z": "2026-12-04T05:00:00",
    "2026-12-04T07:30:00.123456789+09:00": "2026-12-03T22:30:00.123456789",
}


def read(path: Path) -> Any:
    return read_json_bytes(path.name, path.read_bytes()) if path.is_file() else None


def answer_of(case: Path) -> Any:
    return read(case / "order.json") or read(case / "return.json")


@cache
def plans(folder: Path) -> tuple[Plan, ...]:
    loaded = load_tenant(open_folder(folder.parent), folder.name)
    assert loaded.ok
    return loaded.plans


def queries(folder: Path, root: str) -> set[str]:
    """The tenant's queries for orders, or for returns."""
    sources = [source for plan in plans(folder) for source in plan.sources]
    return {
        source.graphql
        for source in sources
        if source.graphql and source.select and source.select.at.value == root
    }


def expected(value: object) -> object:
    """A recorded answer as the simulator gives it: cursors are its own, moments in UTC."""
    if isinstance(value, Mapping):
        return {key: expected(each) for key, each in value.items() if key != "endCursor"}
    if isinstance(value, list):
        return [expected(each) for each in value]
    return MOMENTS.get(value, value) if isinstance(value, str) else value


def selected(value: object, like: object) -> object:
    """What an answer says of the members that another one has."""
    if isinstance(value, Mapping) and isinstance(like, Mapping):
        return {key: selected(value[key], like[key]) for key in like}
    if isinstance(value, list) and isinstance(like, list) and len(value) == len(like):
        return [selected(one, other) for one, other in zip(value, like, strict=True)]
    return value


@pytest.fixture(scope="module")
def shops() -> Iterator[dict[Path, tuple[SimulatedShop, Asking]]]:
    found: dict[Path, tuple[SimulatedShop, Asking]] = {}
    first, second, third = TENANTS
    sold = [shop(Clock(), TENANTS[folder]) for folder in TENANTS]
    for each in sold:
        each.settings.money_as = "stored"
    with served(sold[0]) as one, served(sold[1]) as two, served(sold[2]) as three:
        found |= {first: (sold[0], one), second: (sold[1], two), third: (sold[2], three)}
        yield found


def answers(case: Path, sold: SimulatedShop, asking: Asking) -> list[Any]:
    """What the tenant's own queries give for a case that has been added."""
    event, answer = read(case / "event.json"), answer_of(case)
    sold.add(event, answer, read(case / "account.json"))
    (root,) = answer["data"]
    asked = queries(case.parent.parent, root)
    assert asked
    return [asking.query(query, id=event["payload"]["id"], tenant=sold.tenant) for query in asked]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.name not in OTHERWISE],
    ids=lambda path: f"{path.parent.parent.name}-{path.name}",
)
def test_a_case_is_answered_as_it_was_recorded(
    case: Path, shops: dict[Path, tuple[SimulatedShop, Asking]]
) -> None:
    folder = case.parent.parent
    answer = answer_of(case)
    for given in answers(case, *shops[folder]):
        if "errors" in answer:
            assert [error["message"] for error in given["errors"]] == [
                error["message"] for error in answer["errors"]
            ]
        else:
            assert "errors" not in given
            wanted = expected(answer["data"])
            assert selected(given["data"], wanted) == wanted


def test_a_connection_recorded_as_null_is_empty(
    shops: dict[Path, tuple[SimulatedShop, Asking]],
) -> None:
    case = ROOT / "mappings/dodici/cases/customer-without-address"
    for given in answers(case, *shops[case.parent.parent]):
        assert given["data"]["order"]["addresses"]["edges"] == []


def test_a_thousand_items_come_in_pages(shops: dict[Path, tuple[SimulatedShop, Asking]]) -> None:
    case = ROOT / "mappings/dodici/cases/lines-two-thousand"
    recorded = answer_of(case)["data"]["order"]["items"]["edges"]
    assert len(recorded) == 1000
    for given in answers(case, *shops[case.parent.parent]):
        items = given["data"]["order"]["items"]
        assert items["pageInfo"]["hasNextPage"] is True
        assert selected(items["edges"], recorded[:500]) == recorded[:500]
