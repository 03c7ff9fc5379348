"""`erpmap capture`: a case of a real order that names nobody and ends the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main

CASES = ROOT / "mappings" / "dodici" / "cases"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tenant dodici without cases."""
    copy = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings" / "base", copy / "base")
    shutil.copytree(
        ROOT / "mappings" / "dodici", copy / "dodici", ignore=shutil.ignore_patterns("cases")
    )
    shutil.copytree(CASES / "lookups", copy / "dodici" / "cases" / "lookups")
    return copy


def run(root: Path, *arguments: str | Path) -> Result:
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(main, ["--mappings", str(root), *map(str, arguments)])


@pytest.mark.parametrize(
    ("case", "names", "kept"),
    [
        ("web-order", ("Weber", "Lindqvist", "ana.weber", "0100", "10012"), ("335.33", "GROUND")),
        ("unknown-payment-method", ("Weber", "ana.weber"), ("sezzle", "E0601")),
        ("payment-short", ("Weber", "ana.weber"), ("payment_pending",)),
        ("names-emoji", ("ana.weber",), ()),
    ],
)
def test_a_case_names_nobody_and_ends_the_same(
    root: Path, case: str, names: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    result = run(root, "capture", "dodici", CASES / case, "--name", "made")
    assert result.exit_code == 0, result.stderr
    made = root / "dodici" / "cases" / "made"
    assert {path.name for path in made.iterdir()} == {
        path.name for path in (CASES / case).iterdir()
    }
    text = "".join(path.read_text(encoding="utf-8") for path in made.iterdir())
    assert [name for name in names if name in text] == []
    assert [word for word in kept if word not in text] == []
    assert run(root, "test", "dodici").exit_code == 0


def test_an_order_that_does_not_end_the_same_is_not_written(root: Path) -> None:
    """A mapping that decides by a person's name: pseudonyms would take another branch."""
    overlay = root / "dodici" / "cash_sale.yaml"
    overlay.write_text(
        "erpmap: 1\nextends: [base/cash_sale, common]\nrecords:\n  cash_sale:\n    body:\n"
        "      memo: \"{{ 'a longer memo' | cut(5) if email | length < 22 else omit }}\"\n"
    )
    before = sorted(root.rglob("*"))
    order = root.parent / "order"
    shutil.copytree(CASES / "store-plain", order)
    for file in order.glob("*.json"):
        file.write_text(
            file.read_text().replace("ana.weber@example.com", "ana@a-long-domain.example")
        )
    result = run(root, "capture", "dodici", order)
    assert result.exit_code == 1
    assert "the anonymised order does not end as the real one" in result.stderr
    assert sorted(root.rglob("*")) == before


def test_of_recorded_lookups_only_the_rows_of_the_order_are_written(root: Path) -> None:
    order = root.parent / "order"
    shutil.copytree(CASES / "web-order", order)
    (order / "lookups").mkdir()
    rows = json.loads((CASES / "lookups" / "item.json").read_text(encoding="utf-8"))
    rows["Weber ana@example.net"] = "9"
    (order / "lookups" / "item.json").write_text(json.dumps(rows), encoding="utf-8")
    (order / "lookups" / "unused.json").write_text('{"Weber": "1"}', encoding="utf-8")
    result = run(root, "capture", "dodici", order, "--name", "made")
    assert result.exit_code == 0, result.stderr
    written = root / "dodici" / "cases" / "made" / "lookups"
    assert [path.name for path in written.iterdir()] == ["item.json"]
    found = json.loads((written / "item.json").read_text(encoding="utf-8"))
    assert found
    assert found.items() < rows.items()
    assert "Weber ana@example.net" not in found
    assert run(root, "test", "dodici").exit_code == 0


def test_wrong_use_and_half_orders(root: Path, tmp_path: Path) -> None:
    journal = f"sqlite:///{tmp_path}/none.db"
    assert (
        "there is no journal" in run(root, "capture", "dodici", "4711", "--journal", journal).stderr
    )
    assert run(root, "capture", "dodici", CASES / "web-order", "--name", "../x").exit_code == 2
    (tmp_path / "half").mkdir()
    empty = run(root, "capture", "dodici", tmp_path / "half")
    assert (empty.exit_code, "has no event.json" in empty.stderr) == (2, True)
    (tmp_path / "half" / "event.json").write_text("{")
    assert run(root, "capture", "dodici", tmp_path / "half").exit_code == 1
    assert run(root, "capture", "dodici", CASES / "web-order", "--name", "a").exit_code == 0
    again = run(root, "capture", "dodici", CASES / "web-order", "--name", "a")
    assert (again.exit_code, "choose another --name" in again.stderr) == (1, True)
