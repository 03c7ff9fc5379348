"""`erpmap new` for a tenant that exists: what is new is added, and nothing else changes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from command import erpmap, on_terminal
from conftest import ROOT
from sampled import deliver_and_reconcile, sample

MAPPINGS = ROOT / "mappings"
MORE = (
    "--currency", "CHF=9", "--store", "ZRH1,country=CH,currencies=CHF,kind=store", "--payment", "twint,,CHF=799",
    "--level", "BIKE", "--goods", "SKI-1", "--gift-card", "GC-ALPS",
)  # fmt: skip


def new(root: Path, tenant: str, *more: str | Path) -> subprocess.CompletedProcess[str]:
    return erpmap("--mappings", root, "new", tenant, *more)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_kept(before: bytes, after: bytes) -> bool:
    """Whether every byte of a file is still in it, in its order."""
    rest = iter(after)
    return all(byte in rest for byte in before)


@pytest.fixture(params=["acme", "dodici", "crlf"])
def tenant(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A tenant of our own, edited by hand; the shipped one; one with the line ends of Windows."""
    root, name = tmp_path / "mappings", str(request.param)
    if name == "dodici":
        shutil.copytree(MAPPINGS / name, root / name, ignore=shutil.ignore_patterns("[!l]*-*"))
        return root, name
    assert new(root, name, "--yes", "--currency", "USD", "--currency", "JPY").returncode == 0
    table = root / name / "lookups" / "payment_items.csv"
    table.write_text(table.read_text("utf-8").rstrip("\n"), encoding="utf-8")
    common = root / name / "common.yaml"
    common.write_text(common.read_text("utf-8") + "# ours\nvalues: {}\n", encoding="utf-8")
    if name == "crlf":
        for path in [*(root / name).glob("*.yaml"), *(root / name).glob("lookups/*")]:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return root, name


def test_what_is_new_is_added_and_nothing_is_lost(tenant: tuple[Path, str], tmp_path: Path) -> None:
    root, name = tenant
    before = files(root / name)
    shown = new(root, name, *MORE)
    assert shown.returncode == 1
    assert "nothing was written: repeat with --write" in shown.stderr
    assert "+ZRH1," in shown.stdout
    assert files(root / name) == before
    written = new(root, name, *MORE, "--write")
    assert written.returncode == 0, written.stderr
    after = files(root / name)
    assert after.keys() == before.keys()
    assert all(is_kept(before[path], after[path]) for path in before)
    for path in after:
        if name == "crlf" and not path.startswith(("cases", "editor", "README")):
            assert b"\n" not in after[path].replace(b"\r\n", b""), path
    assert erpmap("--mappings", root, "validate", name).returncode == 0
    again = new(root, name, *MORE, "--write")
    assert again.returncode == 0
    assert "there is nothing to add" in again.stderr
    assert files(root / name) == after


def test_the_extended_tenant_sells_in_the_new_store(tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    assert new(root, "acme", "--yes").returncode == 0
    assert new(root, "acme", *MORE, "--write").returncode == 0
    sample(root, "acme", "--to", tmp_path / "orders", "--count", "40", "--day", "2026-11-03")
    events = [path.read_text("utf-8") for path in (tmp_path / "orders").glob("*/event.json")]
    assert any('"ZRH1"' in text and '"CHF"' in text for text in events)
    report = deliver_and_reconcile(root, "acme", tmp_path / "orders", "2026-11-03")
    assert sum(each["orders"]["booked"] for each in report["days"]) == 40


def test_orders_of_another_shop_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    assert new(root, "acme", "--yes").returncode == 0
    before = files(root)
    orders = MAPPINGS / "dodici" / "cases" / "web-order"
    ended = new(root, "acme", "--orders", orders, "--write")
    assert ended.returncode == 1
    assert "newstore is 'acme-sandbox' in acme, and 'dodici-sandbox' in the answers" in ended.stderr
    assert files(root) == before


def test_a_tenant_that_does_not_validate_stays_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    assert new(root, "acme", "--yes").returncode == 0
    (root / "acme" / "common.yaml").write_text(
        "erpmap: 1\nmapping: common\nlokups: {}\n", encoding="utf-8"
    )
    before = files(root)
    ended = new(root, "acme", *MORE, "--write")
    assert ended.returncode == 1
    assert "E0201" in ended.stderr
    assert files(root) == before


def test_a_terminal_is_asked_before_anything_is_written(tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    assert new(root, "acme", "--yes").returncode == 0
    head = ("--mappings", root, "new", "acme", "--level", "BIKE")
    table = root / "acme" / "lookups" / "shipping_methods.csv"
    shown, _ = on_terminal(*head, typed="n\n")
    assert "Write 3 files?" in shown
    assert "BIKE" not in table.read_text("utf-8")
    on_terminal(*head, typed="y\n")
    assert "BIKE" in table.read_text("utf-8")
