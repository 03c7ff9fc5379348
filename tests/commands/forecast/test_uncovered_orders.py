"""`erpmap forecast`: what orders hit that the mappings do not cover, and stubs of the missing rows."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main
from engine.documents import read_json_bytes

CASES = ROOT / "mappings" / "dodici" / "cases"
PLAIN = CASES / "store-plain"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the tenant dodici and no cases but the recorded lookups."""
    copy = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings" / "base", copy / "base")
    ignored = shutil.ignore_patterns("cases")
    shutil.copytree(ROOT / "mappings" / "dodici", copy / "dodici", ignore=ignored)
    shutil.copytree(CASES / "lookups", copy / "dodici" / "cases" / "lookups")
    return copy


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    return folder


def put(orders: Path, name: str, *, case: str = "store-plain", **changed: str) -> None:
    """Copy a case's order, with texts replaced in both of its documents."""
    for file in ("event.json", "order.json"):
        text = (CASES / case / file).read_text()
        for old, new in changed.items():
            text = text.replace(json.dumps(old), json.dumps(new))
        (orders / name).mkdir(parents=True, exist_ok=True)
        (orders / name / file).write_text(text)


def forecast(root: Path, *arguments: str | Path) -> Result:
    runner = CliRunner(catch_exceptions=False)
    words = ["--mappings", str(root), "forecast", "dodici", *map(str, arguments)]
    return runner.invoke(main, words)


def read(root: Path, *arguments: str | Path) -> Any:
    result = forecast(root, *arguments, "--format", "json")
    return read_json_bytes("forecast", result.stdout.encode())


def test_a_row_hides_no_other_and_money_is_counted(root: Path, orders: Path) -> None:
    put(orders, "a", NYC5="ZZZ9", adyen="barter")
    put(orders, "b", NYC5="ZZZ9")
    put(orders, "c")
    found = read(root, "--all", orders)
    rows = {(it["lookup"], *(it["key"] or ())): it for it in found["gaps"]}
    assert list(rows) == [("location", "ZZZ9"), ("payment_item", "credit_card", "barter", "USD")]
    assert rows["location", "ZZZ9"]["orders"] == 2
    assert rows["location", "ZZZ9"]["first"] == "a"
    total: Any = read_json_bytes("o", (PLAIN / "order.json").read_bytes())
    amount = Decimal(str(total["data"]["order"]["grandTotal"]))
    assert found["stake"] == {"USD": 2 * amount}
    assert (found["taken"], found["posted"]) == (3, 1)


def test_the_exit_code_and_the_summary_say_whether_all_is_covered(root: Path, orders: Path) -> None:
    put(orders, "a")
    covered = forecast(root, "--all", orders)
    assert (covered.exit_code, covered.stdout) == (0, "1 of 1 orders would be posted\n")
    put(orders, "b", NYC5="ZZZ9")
    left = forecast(root, "--all", orders)
    assert left.exit_code == 1
    assert "1 of 2 orders would be posted; at stake: " in left.stdout
    assert max(map(len, left.stdout.splitlines()[:-1])) <= 82


def test_stubs_are_shown_and_written_in_the_dialect_of_the_file(root: Path, orders: Path) -> None:
    table = root / "dodici" / "lookups" / "locations.csv"
    before = table.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    table.write_bytes(before)
    put(orders, "a", NYC5="Fifth, Avenue", adyen="barter")
    shown = forecast(root, "--all", orders, "--stubs")
    assert '+"Fifth, Avenue",TODO,TODO' in shown.stdout
    assert table.read_bytes() == before
    assert forecast(root, "--all", orders, "--stubs", "--write").exit_code == 1
    row = b'\r\n"Fifth, Avenue"' + b",TODO" * 8 + b"\r\n"
    assert table.read_bytes() == before + row
    items = (root / "dodici" / "lookups" / "payment_items.csv").read_text()
    assert items.endswith("credit_card,barter,USD,TODO\n")

    again = read(root, "--all", orders, "--stubs")
    assert {it["is_unfilled"] for it in again["gaps"]} == {True}
    assert again["posted"] == 0
    assert again["stubs"] == {"files": [], "lines": []}


@pytest.mark.parametrize("words", [("validate", "dodici"), ("send", "dodici", "--order", "X")])
def test_no_other_command_takes_a_row_that_is_to_be_filled_in(
    root: Path, orders: Path, words: tuple[str, ...]
) -> None:
    put(orders, "a", NYC5="ZZZ9")
    forecast(root, "--all", orders, "--stubs", "--write")
    result = CliRunner().invoke(main, ["--mappings", str(root), *words])
    assert result.exit_code == 1
    assert result.output.count("error[E0622]") == 1
    assert (
        "locations.csv:6:1: error[E0622]: a cell of the lookup 'location' still says"
        in result.output
    )


@pytest.mark.parametrize("key", ["*", " NYC5", "", "a\x00b", "=1+2", '"', "x\ny", "é\u202e"])
def test_a_key_that_fits_into_no_cell_is_never_written_wrong(
    root: Path, orders: Path, key: str
) -> None:
    put(orders, "a", NYC5=key)
    table = root / "dodici" / "lookups" / "locations.csv"
    before = table.read_bytes()
    result = forecast(root, "--all", orders, "--stubs", "--write")
    assert result.exit_code == 1
    found = read(root, "--all", orders)
    if table.read_bytes() != before:
        assert [it["is_unfilled"] for it in found["gaps"]] == [True]
    else:
        assert all(not it["is_unfilled"] for it in found["gaps"])


def test_rows_of_yaml_tables_are_lines_to_add(root: Path, orders: Path) -> None:
    put(orders, "a", USD="NOK")
    result = forecast(root, "--all", orders, "--stubs")
    assert "add to `lookups.currency.values` in dodici/common.yaml:\n  NOK: TODO" in result.stdout
    assert "+cash,cash,NOK,TODO" not in result.stdout  # the row with * covers it


def test_half_and_foreign_orders_are_counted_once_for_each_cause(root: Path, orders: Path) -> None:
    put(orders, "a")
    put(orders, "b")
    (orders / "b" / "order.json").unlink()
    put(orders, "c")
    (orders / "c" / "order.json").write_text('{"data": ')
    put(orders, "d", **{"dodici-sandbox": "someone-else"})
    put(orders, "e", **{"order.opened": "order.cancelled"})
    found = read(root, "--all", orders)
    codes = {it["code"]: (it["mapping"], it["orders"], it["stake"]) for it in found["gaps"]}
    assert codes == {"E0703": ("cash_sale", 1, {}), "E0502": (None, 1, {})}
    assert found["foreign"] == {"someone-else": 1}
    assert (found["orders"], found["taken"], found["posted"]) == (5, 4, 2)


def test_messages_that_differ_by_order_are_one_gap(root: Path, orders: Path) -> None:
    for name, other in (("a", "58.01"), ("b", "58.02")):
        put(orders, name, **{"58.00": other})
    gaps = read(root, "--all", orders)["gaps"]
    assert {it["finding"]["code"] for it in gaps} == {"E0801"}
    assert {it["orders"] for it in gaps} == {2}
    words = " ".join(forecast(root, "--all", orders).stdout.split())
    assert "check .total.: … is not …" in words.replace("'", ".")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--write",), "--write belongs to --stubs"),
        (("--all", "EMPTY"), "there is no event.json below"),
        ((), "there are no cases in"),
        (("--all", "EMPTY", "--since", "7d"), "give one of --all DIR and --since TIME"),
        (("--mapping", "nothing"), "has no mapping 'nothing'"),
    ],
)
def test_wrong_use(root: Path, orders: Path, arguments: tuple[str, ...], words: str) -> None:
    result = forecast(root, *(str(orders) if it == "EMPTY" else it for it in arguments))
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_tenant_of_two_shops_gets_the_rows_of_the_other(root: Path) -> None:
    """All orders of another tenant: every table lacks rows, and all of them are found at once."""
    nordhus = ROOT / "mappings" / "nordhus" / "cases"
    found = read(root, "--all", nordhus)
    missed = {it["lookup"] for it in found["gaps"] if it["lookup"]}
    assert {"location", "currency", "payment_item", "shipping_method", "tax_code"} <= missed
    assert found["posted"] == 0
