"""`erpmap test`: failures grouped by cause, predicates beside payloads, and JUnit XML."""

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

KEPT = ("store-plain", "canada-store", "web-order", "coupon-emoji", "payment-over", "lookups")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tenant dodici with five cases."""
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


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_failures_of_one_line_are_one_cause_in_all_mappings(root: Path) -> None:
    change(root / "base/order.yaml", 'id: "{{ line.id }}"', 'id: "x{{ line.id }}"')
    change(root / "base/sales_order.yaml", "cut(999)", "cut(3)")
    result = run(root)
    assert result.exit_code == 1
    assert "custcol_nws_item_id (lines.item.body.custcol_nws_item_id)\n" in result.stdout
    assert "at mappings/base/order.yaml:286" in result.stdout
    assert result.stdout.count("(expected)") == 2
    assert "and 2 other cases: dodici/store-plain, dodici/web-order" in result.stdout
    assert result.stdout.endswith("1 passed, 4 failed; 2 causes\n")


def test_a_new_finding_is_a_cause_with_its_place(root: Path) -> None:
    change(root / "dodici/lookups/locations.csv", "NYC5,", "NYC0,")
    found: Any = read_json_bytes("cases", run(root, "--format", "json").stdout.encode())
    causes = {it["case"]: it["cause"] for it in found}
    assert causes["store-plain"]["words"].startswith("E0601 the lookup 'location' has no entry for")
    assert causes["store-plain"]["at"].startswith("mappings/base/order.yaml:")
    assert causes["web-order"] is None


def expect(root: Path, case: str, text: str, *, keep: bool = True) -> None:
    folder = root / "dodici" / "cases" / case
    (folder / "expect.yaml").write_text(text)
    if not keep:
        (folder / "payloads.json").unlink()


def test_predicates_hold_beside_payloads_or_in_their_place(root: Path) -> None:
    good = """\
- that: "length(payloads) == `2` && states.cash_sale == 'rendered'"
  reason: a customer and a cash sale
- that: "proofs[?check == 'total'].sum | [0] == `63.15`"
  reason: what the customer paid
"""
    expect(root, "store-plain", good)
    expect(root, "canada-store", '- {that: "length(findings) == `0`", reason: r}', keep=False)
    assert run(root).exit_code == 0
    assert run(root, "--update").stdout.endswith("5 passed, 0 failed\n")
    assert not (root / "dodici/cases/canada-store/payloads.json").exists()


def test_a_predicate_that_does_not_hold_fails_with_its_reason(root: Path) -> None:
    expect(root, "store-plain", '- {that: "length(payloads) == `3`", reason: three of them}')
    expect(root, "web-order", '- {that: "payloads[0].name", reason: no comparison}', keep=False)
    result = run(root)
    assert "expect.yaml:1: length(payloads) == `3` (three of them): it is false" in result.stdout
    assert "it is not true or false: compare with something" in result.stdout
    assert "3 passed, 2 failed" in result.stdout
    assert run(root, "--update").exit_code == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("that: x", "it is not a list of predicates"),
        ("[]", "it is not a list of predicates"),
        ("- {that: x}", "a predicate has `that`, a path, and `reason`"),
        ("- {that: 1, reason: r}", "`that` and `reason` are texts"),
        ("- {that: 'a[', reason: r}", "expect.yaml:1: E0301: "),
        ("- [", ": E0106: "),
        ("\x00", ": E01"),
    ],
)
def test_predicates_that_cannot_be_used_fail_the_case(root: Path, text: str, words: str) -> None:
    expect(root, "store-plain", text)
    result = run(root)
    assert result.exit_code == 1
    assert words in result.stdout


HOSTILE = "a<b>&\"c' \u202e é"


def test_junit_is_well_formed_with_any_name(root: Path) -> None:
    cases = root / "dodici" / "cases"
    (cases / "store-plain").rename(cases / HOSTILE)
    change(cases / HOSTILE / "payloads.json", "58.00", "58.01")
    expect(root, HOSTILE, '- {that: "payloads == `]]>`", reason: "\\x01<![CDATA["}')
    result = run(root, "--format", "junit")
    assert result.exit_code == 1
    tree: Any = ET.fromstring(result.stdout.encode())
    assert tree.attrib == {"name": "erpmap", "tests": "5", "failures": "1", "errors": "0"}
    (suite,) = tree
    names = [case.attrib["name"] for case in suite]
    assert HOSTILE in names
    (failure,) = suite.iter("failure")
    assert "58.01" in failure.text
    passed = [case for case in suite if not len(case)]
    assert len(passed) == 4
