"""Every case folder is a test: the example tenants' orders, and the tour of the rest of the language."""

from __future__ import annotations

import codecs
import shutil
from functools import cache
from pathlib import Path

import pytest
from command import erpmap
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


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The example tenants with a few cases each."""
    root = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", root)
    for cases in root.glob("*/cases"):
        names = sorted(path for path in cases.iterdir() if path.name != "lookups")
        for path in names[6:]:
            shutil.rmtree(path)
    return root


def results(root: Path, tenant: str) -> list[CaseResult]:
    one = load_tenant(open_folder(root), tenant)
    assert one.findings == ()
    cases, roots = root / tenant / "cases", one.read.roots
    tables = read_recorded_tables(cases / "lookups", roots)
    return [run_case(name, at, one.plans, tables, roots) for name, at in find_cases(cases, roots)]


def test_other_line_ends_and_a_byte_order_mark_change_nothing(copied: Path) -> None:
    for path in copied.rglob("*"):
        if path.is_file():
            text = path.read_bytes().replace(b"\r\n", b"\n")
            path.write_bytes(codecs.BOM_UTF8 + text.replace(b"\n", b"\r\n"))
    for tenant in ("dodici", "nordhus"):
        found = results(copied, tenant)
        assert len(found) == 6
        assert [result.difference() for result in found if not result.passed] == []
    variables = {"ERPMAP_MAPPINGS": str(copied)}
    for command in ("validate", "test"):
        assert erpmap(command, variables=variables).returncode == 0
    folder = copied / "dodici" / "cases"
    rendered = erpmap("render", "dodici", "--all", folder, variables=variables)
    assert "5 rendered, 0 ignored, 0 not ready, 1 with findings" in rendered.stdout


def test_cases_behind_links_within_the_root_are_run(copied: Path) -> None:
    """A folder that is mounted as a ConfigMap: each name is a link, through a link to the version."""
    cases = copied / "dodici" / "cases"
    mount = copied / "mount"
    (mount / "..2026").mkdir(parents=True)
    for path in cases.iterdir():
        path.rename(mount / "..2026" / path.name)
        (mount / path.name).symlink_to(f"..data/{path.name}")
    (mount / "..data").symlink_to("..2026")
    cases.rmdir()
    cases.symlink_to("../mount")
    found = results(copied, "dodici")
    assert len(found) == 6
    assert all(result.passed for result in found)
    event = next(mount.glob("..2026/*/event.json"))
    event.rename(copied / "event.json")
    event.symlink_to("../../../event.json")
    assert all(result.passed for result in results(copied, "dodici"))


def test_a_case_that_leads_out_of_the_root_fails(copied: Path, tmp_path: Path) -> None:
    shutil.move(copied / "dodici" / "cases", tmp_path / "cases")
    (copied / "dodici" / "cases").symlink_to(tmp_path / "cases")
    said = erpmap("test", "dodici", variables={"ERPMAP_MAPPINGS": str(copied)})
    assert said.returncode == 1
    assert "error[E0103]" in said.stderr
    assert "leads out of the folders of the tenant" in said.stderr
    one = next(path for path in (tmp_path / "cases").iterdir() if path.name != "lookups")
    (copied / "nordhus" / "cases" / "linked").symlink_to(one)
    failed = [result.name for result in results(copied, "nordhus") if not result.passed]
    assert failed == ["linked"]


def test_a_circle_of_links_among_cases_ends(copied: Path) -> None:
    (copied / "dodici" / "cases" / "again").symlink_to(".")
    (copied / "dodici" / "cases" / "up").symlink_to("..")
    assert len(results(copied, "dodici")) == 6


def test_a_tenant_without_cases_is_named(copied: Path) -> None:
    shutil.rmtree(copied / "nordhus" / "cases")
    said = erpmap("test", variables={"ERPMAP_MAPPINGS": str(copied)})
    assert said.returncode == 0
    assert "nordhus: no case was run" in said.stderr
    assert "dodici" not in said.stderr
