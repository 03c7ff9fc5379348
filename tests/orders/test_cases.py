"""Every case folder is a test: the example tenants' orders, and the tour of the rest of the language."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

from engine.findings.diagnostics import SourceText
from engine.mapping.load import LoadedTenant, load_tenant, open_folder
from engine.orders.cases import CaseResult, find_cases, run_case, update_expectation
from engine.orders.order import read_recorded_tables

FOLDERS = (ROOT / "mappings", ROOT / "tests" / "orders" / "tour" / "mappings")
CASES = [
    (folder, tenant.parent.name, name)
    for folder in FOLDERS
    for tenant in sorted(folder.glob("*/tenant.yaml"))
    for name, _ in find_cases(tenant.parent / "cases")
]


@cache
def loaded(folder: Path, tenant: str) -> tuple[LoadedTenant, dict[str, SourceText]]:
    tables = read_recorded_tables(folder / tenant / "cases" / "lookups")
    return load_tenant(open_folder(folder), tenant), tables


def run(folder: Path, tenant: str, case: Path) -> CaseResult:
    one, tables = loaded(folder, tenant)
    assert one.findings == ()
    return run_case(case.name, case, one.plans, tables)


@pytest.mark.parametrize(("folder", "tenant", "name"), CASES)
def test_case(folder: Path, tenant: str, name: str) -> None:
    result = run(folder, tenant, folder / tenant / "cases" / name)
    assert result.actual == result.expected


def test_a_case_fails_when_the_outcome_changes_and_can_be_updated(tmp_path: Path) -> None:
    folder = ROOT / "mappings"
    case = Path(shutil.copytree(folder / "dodici" / "cases" / "store-plain", tmp_path / "plain"))
    order = case / "order.json"
    order.write_text(
        order.read_text().replace('"pricebookPrice": "58.00"', '"pricebookPrice": "57.00"')
    )
    changed = run(folder, "dodici", case)
    assert not changed.passed
    assert "off by" in changed.actual
    assert "findings.txt (now)" in changed.difference()
    update_expectation(changed)
    assert run(folder, "dodici", case).passed
    assert not (case / "payloads.json").exists()
