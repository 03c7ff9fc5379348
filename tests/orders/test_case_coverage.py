"""`erpmap test --coverage`: what the cases reach, and a gate."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main
from engine.documents import read_json_bytes

KEPT = ("store-plain", "lookups")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tenant dodici with one case: a purchase in a store."""
    copy = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings" / "base", copy / "base")
    shutil.copytree(ROOT / "mappings" / "dodici", copy / "dodici")
    for case in (copy / "dodici" / "cases").iterdir():
        if case.name not in KEPT:
            shutil.rmtree(case)
    return copy


def run(root: Path, *arguments: str) -> Result:
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(main, ["--mappings", str(root), "test", "dodici", *arguments])


def read(root: Path) -> dict[tuple[str, str], bool]:
    result = run(root, "--coverage", "--coverage-format", "json")
    document: Any = read_json_bytes("coverage", result.stdout.encode())
    (found,) = document
    assert found["reached"] == sum(it["is_reached"] for it in found["points"])
    return {(it["kind"], it["text"]): it["is_reached"] for it in found["points"]}


def test_a_case_reaches_what_it_evaluates_and_nothing_else(root: Path) -> None:
    found = read(root)
    assert found["line group", "item"]
    assert found["line group", "payment"]
    assert not found["line group", "item.discount"]
    assert found["lookup row", "location 'NYC5'"]
    assert not found["lookup row", "location 'TOR1'"]
    assert not found["branch", "lookup('shipping_method', service_levels | first)"]
    assert not any(is_reached for (kind, _), is_reached in found.items() if kind == "retry rule")

    cases = ROOT / "mappings" / "dodici" / "cases"
    for case in ("discounts-and-coupon", "order-missing", "canada-store"):
        shutil.copytree(cases / case, root / "dodici" / "cases" / case)
    more = read(root)
    assert more.keys() == found.keys()
    assert all(more[point] for point, is_reached in found.items() if is_reached)
    assert more["line group", "item.discount"]
    assert more["lookup row", "location 'TOR1'"]
    assert more["branch", "lookup('shipping_method', service_levels | first)"]
    assert more["retry rule", "order is absent: order_pending"]


OVERLAY = """\
erpmap: 1
extends: [base/cash_sale, common]
fields:
  place_kind:
    choose:
      web: {when: "order.channelType == 'web'", path: order.channelType}
      other: {path: order.channel}
records:
  cash_sale:
    body: {custbody_kind: "{{ place_kind ~ lookup('kind', channel) }}"}
lookups: {kind: {values: {WEB: 1}, default: 2}}
"""


def test_options_and_defaults_are_counted(root: Path) -> None:
    (root / "dodici" / "cash_sale.yaml").write_text(OVERLAY)
    found = read(root)
    assert not found["choose option", "place_kind: web"]
    assert found["choose option", "place_kind: other"]
    assert found["default", "kind: default"]
    assert not found["lookup row", "kind 'WEB'"]
    assert not found["default", "coupons: default"]


def test_the_gate_and_the_table(root: Path) -> None:
    low = run(root, "--coverage", "--at-least", "90")
    assert low.exit_code == 1
    assert "per cent, and --at-least says 90.0" in low.stderr
    assert "mappings/base/order.yaml:" in low.stdout
    assert "branches" in low.stdout
    assert run(root, "--coverage", "--at-least", "10").exit_code == 0
    for wrong in (("--at-least", "1"), ("--coverage", "--format", "json")):
        assert run(root, *wrong).exit_code == 2


def test_cobertura_is_well_formed_and_counts_the_same(root: Path) -> None:
    result = run(root, "--coverage", "--coverage-format", "cobertura")
    tree: Any = ET.fromstring(result.stdout.encode())
    lines = list(tree.iter("line"))
    assert int(tree.attrib["lines-valid"]) == len(lines)
    assert int(tree.attrib["lines-covered"]) == sum(line.attrib["hits"] != "0" for line in lines)
    assert "1 passed, 0 failed" in result.stderr


def test_an_order_that_cannot_be_read_reaches_nothing(root: Path) -> None:
    (root / "dodici" / "cases" / "store-plain" / "order.json").write_text("{")
    assert not any(read(root).values())
