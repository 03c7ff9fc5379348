"""`erpmap render --journal`: debits and credits, equal on both sides."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main
from engine.documents import read_json_bytes
from engine.netsuite.postings import list_postings
from engine.run.outcome import Payload
from engine.run.posted_lines import PostedLine, PostedRecord

MAPPINGS = ROOT / "mappings"
CASES = sorted(path.parent for path in MAPPINGS.glob("*/cases/*/payloads.json"))


def render(*arguments: str | Path) -> Result:
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(main, ["--mappings", str(MAPPINGS), "render", *map(str, arguments)])


def read(result: Result) -> Any:
    return read_json_bytes("journal", result.stdout.encode())


@pytest.mark.parametrize("tenant", ["dodici", "nordhus"])
def test_both_sides_of_every_case_that_renders_are_equal(tenant: str) -> None:
    """The total is the check's, not the difference of the sides: a line left out would show."""
    seen = 0
    for case in (it for it in CASES if it.parts[-3] == tenant):
        sources = [
            f"--source={file.stem}={file}"
            for file in case.glob("*.json")
            if file.stem in ("order", "account")
        ]
        result = render(
            tenant, "--event", case / "event.json", *sources, "--journal", "--format=json"
        )
        assert result.exit_code == 0, case
        for outcome in read(result):
            for record in outcome["records"]:
                entries = record["entries"]
                assert record["balances"], case
                assert record["is_proved"]
                sides = [
                    sum(Decimal(str(it[side])) for it in entries) for side in ("debit", "credit")
                ]
                assert sides[0] == sides[1] == record["debit"] == record["credit"]
                seen += bool(entries)
    assert seen > 20


def test_all_orders_are_summed_by_account() -> None:
    cases = MAPPINGS / "nordhus" / "cases"
    human = render("nordhus", "--all", cases, "--journal")
    assert human.exit_code == 1  # some cases are meant to fail
    assert "11 × salesOrder in EUR" in human.stdout
    assert "✗" not in human.stdout
    found = read(render("nordhus", "--all", cases, "--journal", "--format", "json"))
    assert found["outcomes"]["rendered"] == 24
    assert all(it["balances"] for it in found["records"])
    (euros,) = (
        it for it in found["records"] if (it["record"], it["currency"]) == ("salesOrder", "EUR")
    )
    assert sum(it["count"] for it in euros["entries"] if it["for"] == "payment") == 13
    assert {it["class"] for it in euros["entries"]} == {"72", "75"}


def post(record: str, body: Mapping[str, object], total: Decimal | None = None, **more: Any) -> Any:
    payload = Payload(
        name="it", record=record, write="create", external_id="X", body=body, details={}
    )
    known: dict[str, Any] = {"currency": "USD", "lines": (), "amounts": (), "total": total} | more
    return list_postings(PostedRecord(payload=payload, **known))


def test_a_line_that_the_total_does_not_count_is_seen() -> None:
    items = {"item": {"items": [{"item": {"id": "1"}, "amount": Decimal("5.00")}]}}
    assert post("cashSale", items, Decimal("5.00")).balances
    wrong = post("cashSale", items, Decimal("4.99"))
    assert not wrong.balances
    assert [it.account for it in wrong.postings] == ["item 1", "undeposited funds"]
    assert not post("cashSale", items).is_proved


def test_a_return_stands_on_the_other_side_and_a_line_has_its_own_segments() -> None:
    line = {"item": {"id": "1"}, "amount": Decimal("5.00"), "class": {"id": "7"}, "grossAmt": 6}
    body = {"class": {"id": "3"}, "location": "9", "account": {"id": 4}, "item": {"items": [line]}}
    found = post("cashRefund", body, Decimal("6.00"))
    assert found.balances
    assert [(it.account, it.segments[0], it.debit, it.credit) for it in found.postings] == [
        ("item 1", "7", Decimal("5.00"), 0),
        ("tax", "7", Decimal("1.00"), 0),
        ("account 4", "3", 0, Decimal("6.00")),
    ]


def test_a_payment_line_is_found_by_its_text_even_twice() -> None:
    entry = {"item": {"id": "1"}, "amount": Decimal(5)}
    line = PostedLine("payment", entry, Decimal(-5))
    body = {"item": {"items": [entry, dict(entry)]}}
    found = post("salesOrder", body, Decimal(-10), lines=(line, line))
    assert (found.debit, found.credit, found.balances) == (10, 10, True)


def test_a_journal_entry_shows_its_own_accounts() -> None:
    lines = [
        {"account": {"id": "10"}, "debit": Decimal("2.50"), "department": {"id": "4"}},
        {"account": {"id": "20"}, "credit": Decimal("2.50"), "memo": "cash"},
    ]
    found = post("journalEntry", {"line": {"items": lines}})
    assert found.balances
    assert [(it.account, it.purpose, it.debit, it.credit) for it in found.postings] == [
        ("account 10", "", Decimal("2.50"), 0),
        ("account 20", "cash", 0, Decimal("2.50")),
    ]
    lines[1]["credit"] = Decimal("2.49")
    assert not post("journalEntry", {"line": {"items": lines}}).balances
    assert post("customer", {"email": "a@example.com"}) is None


def test_a_deposit_and_its_refund_are_opposite() -> None:
    amounts = (("payment", Decimal(3)),)
    deposit = post("customerDeposit", {"payment": Decimal(3)}, amounts=amounts)
    assert [(it.account, it.debit, it.credit) for it in deposit.postings] == [
        ("customer deposits", 0, 3),
        ("undeposited funds", 3, 0),
    ]
    refund = post("customerRefund", {"apply": {"items": [{"amount": Decimal(3)}]}})
    assert [(it.account, it.debit, it.credit) for it in refund.postings] == [
        ("customer", 3, 0),
        ("undeposited funds", 0, 3),
    ]


def test_bad_orders_and_wrong_use(tmp_path: Path) -> None:
    assert render("dodici", "--all", tmp_path, "--journal").exit_code == 2
    wrong = render("dodici", "--order", "X", "--journal")
    assert (wrong.exit_code, "--journal is for" in wrong.stderr) == (2, True)
    shutil.copytree(MAPPINGS / "dodici/cases/store-plain", tmp_path / "a")
    (tmp_path / "a" / "order.json").write_text("{")
    broken = render("dodici", "--all", tmp_path, "--journal")
    assert broken.exit_code == 1
    assert "1 orders: 0 rendered" in broken.stdout
