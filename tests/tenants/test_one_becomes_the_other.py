"""One shipped tenant becomes the other by overlays alone: dodici as changes of nordhus.

The overlays are in nordhus_becomes_dodici/; dodici's settings, tables and cases are its own. Every case
has the same bytes as with dodici's own mappings: payloads, findings and outcomes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from engine.mapping.load import LoadedTenant, load_tenant, open_folder
from engine.orders.cases import find_cases, run_case
from engine.orders.order import LOOKUPS, read_recorded_tables

OVERLAYS = Path(__file__).with_name("nordhus_becomes_dodici")
SHIPPED = ROOT / "mappings"
CASES = find_cases(SHIPPED / "dodici" / "cases")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedTenant:
    """The tenant dodici, without its own mappings, in a folder beside nordhus's."""
    root = tmp_path_factory.mktemp("tenants") / "mappings"
    unused = shutil.ignore_patterns("cases")
    for name in ("base", "nordhus"):
        shutil.copytree(SHIPPED / name, root / name, ignore=unused)
    shutil.copytree(OVERLAYS, root / "dodici")
    shutil.copy(SHIPPED / "dodici" / "tenant.yaml", root / "dodici")
    shutil.copytree(SHIPPED / "dodici" / "lookups", root / "dodici" / "lookups")
    return load_tenant(open_folder(root), "dodici")


def test_the_overlays_are_sound_and_build_on_the_other_tenant(loaded: LoadedTenant) -> None:
    assert loaded.findings == ()
    assert {path for path in loaded.texts if path.startswith("nordhus/")} == {
        "nordhus/common.yaml",
        "nordhus/sales_order.yaml",
        "nordhus/cash_sale.yaml",
    }


@pytest.mark.parametrize(("name", "folder"), CASES, ids=[name for name, _ in CASES])
def test_its_cases_have_the_same_outcome(loaded: LoadedTenant, name: str, folder: Path) -> None:
    shared = read_recorded_tables(SHIPPED / "dodici" / "cases" / LOOKUPS)
    result = run_case(name, folder, loaded.plans, shared)
    assert result.passed, result.difference()
    assert result.actual == result.expected
