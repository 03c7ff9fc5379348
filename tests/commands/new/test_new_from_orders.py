"""`erpmap new --orders`: what a folder of orders says of its shop becomes tables."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest
from command import erpmap
from conftest import ROOT
from sampled import sample

MAPPINGS = ROOT / "mappings"


def new(root: Path, tenant: str, *more: str | Path) -> subprocess.CompletedProcess[str]:
    return erpmap("--mappings", root, "new", tenant, "--yes", *more)


@pytest.fixture(scope="module", params=["dodici", "nordhus"])
def orders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orders") / str(request.param)
    sample(MAPPINGS, str(request.param), "--count", "60", "--to", folder)
    return folder


def test_the_orders_that_a_tenant_is_made_from_render(orders: Path, tmp_path: Path) -> None:
    ended = new(tmp_path, "acme", "--orders", orders)
    assert ended.returncode == 0, ended.stderr
    assert erpmap("--mappings", tmp_path, "validate", "acme", "--strict").returncode == 0
    rendered = erpmap("--mappings", tmp_path, "render", "acme", "--all", orders)
    assert "60 rendered, 0 ignored, 0 not ready, 0 with findings" in rendered.stdout
    with (MAPPINGS / orders.name / "lookups" / "locations.csv").open(encoding="utf-8") as file:
        zones = {row["location"]: row["timezone"] for row in csv.DictReader(file)}
    with (tmp_path / "acme" / "lookups" / "locations.csv").open(encoding="utf-8") as file:
        found = {row["location"]: row["timezone"] for row in csv.DictReader(file)}
    assert found == zones
    readme = (tmp_path / "acme" / "README.md").read_text("utf-8")
    assert "guessed from addresses of customers" in readme
    assert "- [ ] location of" in readme


def test_broken_orders_are_left_out_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    sample(MAPPINGS, "dodici", "--count", "10", "--to", folder)
    half = sorted(folder.iterdir())
    (half[0] / "order.json").unlink()
    (half[1] / "event.json").write_text("{", encoding="utf-8")
    ended = new(tmp_path / "mappings", "acme", "--orders", folder)
    assert ended.returncode == 0
    assert (
        f"2 folders are no whole orders, and were left out: {half[0].name}, {half[1].name}"
        in ended.stderr
    )


@pytest.mark.parametrize("case", ["empty", "half", "mixed", "other"])
def test_folders_that_say_nothing_certain(case: str, tmp_path: Path) -> None:
    folder, more, words = tmp_path / "orders", list[str](), "there is no event.json below"
    folder.mkdir()
    if case != "empty":
        shutil.copytree(MAPPINGS / "dodici" / "cases" / "web-order", folder / "a")
    if case == "half":
        (folder / "a" / "order.json").unlink()
        words = "holds a whole order (a); an order is a folder with event.json and order.json"
    if case == "mixed":
        shutil.copytree(MAPPINGS / "nordhus" / "cases" / "web-order", folder / "b")
        words = "are of several shops, 1 of dodici-sandbox, 1 of nordhus-staging: name one with --newstore"
    if case == "other":
        more = ["--newstore", "acme-live"]
        words = "is of the shop 'acme-live'; there are: dodici-sandbox"
    ended = new(tmp_path / "mappings", "acme", "--orders", folder, *more)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert not (tmp_path / "mappings").exists()
    if case == "mixed":
        picked = new(
            tmp_path / "mappings", "acme", "--orders", folder, "--newstore", "nordhus-staging"
        )
        assert picked.returncode == 0
        assert "1 orders of other shops were left out" in picked.stderr
