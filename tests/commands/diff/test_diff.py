"""`erpmap diff`: what a change of the mappings does to orders, why, and by how much money."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main

CASES = ("canada-store", "customer-placeholder", "mixed-cart", "shipping-discount", "store-plain")
OVERLAY = "dodici/common.yaml"
PAYMENTS = "dodici/lookups/payment_items.csv"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder of mappings with some cases of an example tenant."""
    folder = tmp_path / "old"
    shutil.copytree(ROOT / "mappings/base", folder / "base")
    shutil.copytree(
        ROOT / "mappings/dodici", folder / "dodici", ignore=lambda path, names:
        [name for name in names if Path(path).name == "cases" and name not in (*CASES, "lookups")],
    )  # fmt: skip
    return folder


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old, tmp_path / "new"))


def change(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def diff(root: Path, *arguments: str | Path) -> Result:
    words = ["--mappings", str(root), "diff", *map(str, arguments)]
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def told(root: Path, *arguments: str | Path, code: int = 1) -> Any:
    result = diff(root, *arguments, "--format", "json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout, parse_float=Decimal)


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    command = ["git", *author, *arguments]
    ended = subprocess.run(command, cwd=folder, input=stdin, check=True, capture_output=True)
    return ended.stdout.decode().strip()


def test_a_changed_row_is_the_cause_and_its_money_moves_between_accounts(
    old: Path, new: Path
) -> None:
    change(new, PAYMENTS, "credit_card,adyen,USD,611", "credit_card,adyen,USD,615")
    said = told(new, "dodici", old)
    sale = next(each for each in said["fields"] if each["mapping"] == "sales_order")
    assert sale["field"] == "salesOrder.item.items[].item.id"
    assert sale["cause"] == "lookups.payment_item.credit_card adyen USD"
    assert sale["at"].endswith("dodici/lookups/payment_items.csv:3")
    assert sale["example"] == {"order": "mixed-cart", "before": '"611"', "now": '"615"'}
    moved = {each["account"]: each["by"] for each in said["accounts"]}
    assert moved["salesOrder item 611"] == -moved["salesOrder item 615"] < 0
    assert [each["by"] for each in said["totals"]] == [0, 0]
    assert said["results"] == {"same": 2, "different": 3}


def test_each_of_several_changes_is_told_from_the_others(old: Path, new: Path) -> None:
    """A template of an overlay, a row by its value, a setting, and a value that a field reads."""
    change(new, OVERLAY, "USD: 7, CAD: 9", "USD: 8, CAD: 10")
    change(new, OVERLAY, "line.tax_rate }}", "line.tax_rate + 1 }}")
    change(new, OVERLAY, "values:\n  tax:", """values:
  day: {is: "{{ placed_at | date('Asia/Tokyo') }}"}
  tax:""")  # fmt: skip
    change(new, "dodici/tenant.yaml", "discount_item: 1101", "discount_item: 1109")
    change(
        new,
        OVERLAY,
        "  balance:\n    terms:",
        "  balance: !remove\n  total: !remove\n  rounding: !remove\nX:",
    )
    text = (new / OVERLAY).read_text(encoding="utf-8")
    (new / OVERLAY).write_text(text.partition("X:")[0], encoding="utf-8")
    change(new, "base/sales_order.yaml", '    confirm: {total: "{{ checks.balance.sum }}"}\n', "")
    change(new, "base/cash_sale.yaml", '    confirm: {total: "{{ checks.balance.sum }}"}\n', "")
    said = told(new, "dodici", old)
    causes = {(each["field"].partition(".")[2], each["cause"]) for each in said["fields"]}
    assert causes >= {
        ("item.items[].taxCode.id", "lookups.tax_code.USD"),
        ("item.items[].taxCode.id", "lookups.tax_code.CAD"),
        ("item.items[].custcol_tax_rate", "lines.item.body.custcol_tax_rate"),
        ("item.items[].item.id", "settings.discount_item"),
        ("tranDate", "values.day.is"),
    }


def test_a_line_group_that_is_removed_leaves_a_gap_which_the_check_finds(
    old: Path, new: Path
) -> None:
    change(
        new,
        "base/order.yaml",
        "    if: shipping_discount != 0\n",
        "    if: shipping_discount > 1000\n",
    )
    said = told(new, "dodici", old)
    (stop,) = said["stops"]
    assert (stop["result"], stop["code"], stop["example"]) == (
        "findings",
        "E0801",
        "shipping-discount",
    )
    assert stop["cause"] == "lines.shipping_discount.if"
    assert stop["at"].endswith("base/order.yaml:296")
    (refused,) = said["refused"]
    assert refused["order"] == "shipping-discount"
    assert "off by" in refused["message"]
    lost = next(each for each in said["totals"] if each["currency"] == "USD")
    assert lost["by"] < 0
    assert said["examples"][0]["order"] == "shipping-discount"


def test_a_mapping_on_one_side_only_loses_or_gains_its_orders(old: Path, new: Path) -> None:
    change(
        new, "dodici/tenant.yaml", "mappings: [sales_order, cash_sale]", "mappings: [sales_order]"
    )
    for sides, result, count in (((old, new), "unwanted", 3), ((new, old), "gained", 3)):
        said = told(new, "dodici", *sides)
        assert said["results"][result] == count
        (stop,) = said["stops"]
        assert (stop["result"], stop["cause"]) == (result, "mappings.cash_sale")
        assert stop["at"].endswith("dodici/tenant.yaml:12")


def test_revisions_are_read_from_git_whatever_the_folder_holds_now(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(old, "init", "-q")
    git(old, "add", "-A")
    git(old, "commit", "-qm", "one")
    git(old, "tag", "v1")
    change(old, PAYMENTS, "adyen,USD,611", "adyen,USD,615")
    git(old, "commit", "-qam", "two")
    assert diff(old, "dodici").exit_code == 0
    said = told(old, "dodici", "HEAD~1")
    assert said == told(old, "dodici", "v1") | {"old": "HEAD~1"}
    both = told(old, "dodici", "v1..HEAD")
    assert (both["old"], both["new"]) == ("v1", "HEAD")
    assert both["fields"][0]["at"] == "HEAD:old/dodici/lookups/payment_items.csv:3"
    change(old, PAYMENTS, "adyen,USD,615", "adyen,USD,617")
    monkeypatch.setenv("GIT_DIR", "nowhere")
    assert told(old, "dodici")["fields"][0]["example"]["before"] == '"615"'


def test_a_revision_that_cannot_be_read_is_told(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    outside = diff(old, "dodici")
    assert outside.exit_code == 2
    assert "is in no git repository" in outside.output
    git(old, "init", "-q")
    git(old, "commit", "-qm", "one", "--allow-empty")
    for name in ("v9", "--", "--output=x", "-p", "HEAD\n", "", "a...b"):
        result = diff(old, "dodici", *(() if name == "--" else ("--",)), name)
        assert result.exit_code == 2
        assert "Error:" in result.output
    assert not (old / "x").exists()
    assert "neither a folder nor a revision" in diff(old, "dodici", "^HEAD").output
    monkeypatch.setenv("PATH", "")
    missing = diff(old, "dodici")
    assert missing.exit_code == 2
    assert "git is not installed" in missing.output


def test_a_revision_never_writes_through_a_link_that_it_has(old: Path, tmp_path: Path) -> None:
    """A tree made by hand may have a name twice: as a link, and as a folder that the link leads out of."""
    outside = tmp_path / "outside"
    outside.mkdir()
    git(old, "init", "-q")
    git(old, "add", "-A")
    text = git(old, "hash-object", "-w", "--stdin", stdin=b"text")
    link = git(old, "hash-object", "-w", "--stdin", stdin=bytes(outside))
    inner = git(old, "mktree", stdin=f"100644 blob {text}\tnew.txt\n".encode())
    twice = f"120000 blob {link}\tzz\n040000 tree {inner}\tzz\n"
    listed = git(old, "ls-tree", git(old, "write-tree"))
    tree = git(old, "mktree", stdin=f"{listed}\n{twice}".encode())
    result = diff(old, "dodici", git(old, "commit-tree", tree, "-m", "made by hand"))
    assert (result.exit_code, list(outside.iterdir())) == (2, [])
    assert "'zz/new.txt' twice, once as a link" in result.output


def test_differences_in_allowed_fields_do_not_count(old: Path, new: Path) -> None:
    change(
        new, OVERLAY, "line.tax_rate }}", 'line.tax_rate }}"\n      description: "{{ line.sku }}'
    )
    for pattern in ("item.items[].desc*", "salesOrder.item.items[].description"):
        code = 1 if pattern.startswith("sales") else 0
        said = told(new, "dodici", old, "--allow", pattern, "--allow", "memo", code=code)
        assert said["unmatched_allow"] == ["memo"]
        assert said["results"]["allowed"] == (5 if code == 0 else 2)
    human = diff(new, "dodici", old, "--allow", "item.items[].*", "--allow", "memo")
    assert human.exit_code == 0
    assert "'memo' matched no field that differs" in human.output


class Page(HTMLParser):
    """The tags that are open, and all that a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.loaded += [
            name
            for name, _ in attrs
            if name in ("src", "href", "data", "srcset") or name.startswith("on")
        ]
        if tag not in ("meta", "br", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


def test_the_page_is_well_formed_needs_nothing_else_and_escapes_names(
    old: Path, new: Path, tmp_path: Path
) -> None:
    hostile = "<script>alert(1)<|script> \"'&\u202e".replace("/", "|")
    orders = tmp_path / "orders"
    shutil.copytree(old / "dodici/cases/mixed-cart", orders / hostile)
    shutil.copytree(old / "dodici/cases/shipping-discount", orders / "plain")
    change(new, PAYMENTS, "adyen,USD,611", "adyen,USD,<img src=x onerror=alert(1)>")
    change(
        new,
        "base/order.yaml",
        "    if: shipping_discount != 0\n",
        "    if: shipping_discount > 1000\n",
    )
    page = tmp_path / "report.html"
    assert diff(new, "dodici", old, "--all", orders, "--html", page).exit_code == 1
    text = page.read_text(encoding="utf-8")
    parsed = Page()
    parsed.feed(text)
    parsed.close()
    assert parsed.open == []
    assert parsed.loaded == []
    assert not parsed.seen & {"script", "img", "link", "iframe", "object"}
    assert {"svg", "rect", "table", "style"} <= parsed.seen
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\u202e" not in text
    assert "url(" not in text
    assert "rendered before, now with findings" in text
    # A page that cannot be written is wrong use, and is told before any work.
    assert diff(new, "dodici", old, "--html", tmp_path / "no" / "r.html").exit_code == 2


def test_any_number_of_processes_says_the_same_and_bad_orders_are_counted(
    old: Path, new: Path, tmp_path: Path
) -> None:
    change(new, PAYMENTS, "adyen,USD,611", "adyen,USD,615")
    orders = tmp_path / "orders"
    for number in range(30):
        for case in CASES:
            shutil.copytree(old / "dodici/cases" / case, orders / f"{number:02}" / case)
    (orders / "00/store-plain/order.json").write_text('{"a":', encoding="utf-8")
    (orders / "01/store-plain/event.json").write_text("[]", encoding="utf-8")
    other = json.loads((orders / "02/store-plain/event.json").read_text(encoding="utf-8"))
    other["name"] = "order.vanished"
    (orders / "02/store-plain/event.json").write_text(json.dumps(other), encoding="utf-8")
    alone, two = (told(new, "dodici", old, "--all", orders, "-j", jobs) for jobs in "12")
    assert alone == two
    assert alone["orders"] == 150
    assert alone["results"]["different"] == 87
    assert alone["results"]["unread"] == 1
    assert alone["results"]["ignored"] == 1
    (unread,) = (each for each in alone["stops"] if each["result"] == "unread")
    assert unread["example"] == "00/store-plain"


def test_equal_sides_differ_in_nothing(old: Path, new: Path) -> None:
    said = told(new, "dodici", old, new, code=0)
    assert (said["equal_mappings"], said["same"], said["fields"]) == (True, True, [])
    assert "none of 5 orders can differ" in diff(new, "dodici", old).output


def test_a_side_with_findings_is_told_and_nothing_is_compared(old: Path, new: Path) -> None:
    change(new, "dodici/tenant.yaml", "mappings: [", "mappings: [nothing, ")
    result = diff(new, "dodici", old)
    assert result.exit_code == 1
    assert "nothing was compared" in result.output
    assert "E0101" in result.output
    assert "orders" not in result.stdout
    assert [each["code"] for each in told(new, "dodici", old)["findings"]] == ["E0101"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "there is no tenant 'nobody'"),
        (["dodici", "--mapping", "nothing"], "has no mapping 'nothing'"),
        (["dodici", "--all", "."], "there is no event.json below '.'"),
        (["dodici", "--all", ".", "--since", "7d"], "give one of --all DIR and --since TIME"),
        (["dodici", "-j", "2"], "--jobs N needs --all DIR"),
    ],
)
def test_wrong_use(
    old: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], words: str,
) -> None:  # fmt: skip
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    tenant, *more = arguments
    result = diff(new, tenant, old, *more)
    assert result.exit_code == 2
    assert words in result.output


def test_lines_are_told_apart_by_their_looks_as_by_building_them(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(new, OVERLAY, "USD: 7, CAD: 9", "USD: 8, CAD: 10")
    change(new, PAYMENTS, "adyen,USD,611", "adyen,USD,615")
    change(new, "base/order.yaml", "for: line in items\n", "for: line in items | sort('sku')\n")
    quick = told(new, "dodici", old)
    monkeypatch.setattr("engine.service.shadow.compare.is_list_of_lines", lambda *_: False)
    assert told(new, "dodici", old) == quick
