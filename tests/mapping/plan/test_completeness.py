"""A proof that leaves an amount out, counts it twice or takes it away is no proof: the files show it at load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from engine.mapping.load import load_tenant, open_folder

HEAD = "erpmap: 1\nextends: [base/sales_order, common]\n"
BODY = HEAD + "records:\n  sales_order:\n    body: "


def findings(folder: Path, tenant: str, overlay: str) -> list[tuple[str, str]]:
    """The codes and messages about the sales order of an example tenant with an overlay."""
    shutil.copytree(ROOT / "mappings", folder / "mappings", ignore=shutil.ignore_patterns("cases"))
    (folder / "mappings" / tenant / "sales_order.yaml").write_text(overlay)
    loaded = load_tenant(open_folder(folder / "mappings"), tenant)
    return [(finding.code, finding.message) for finding in loaded.findings]


@pytest.mark.parametrize("tenant", ["dodici", "nordhus"])
@pytest.mark.parametrize(
    ("overlay", "place"),
    [
        (HEAD + 'lines:\n  gift_wrap: {body: {item: {id: "7"}, amount: 5}}', "lines.gift_wrap"),
        (
            HEAD + 'lines:\n  item:\n    after:\n      fee: {body: {item: {id: "7"}, rate: 5}}',
            "lines.item.fee",
        ),
        (HEAD + "lines:\n  payment:\n    body: {grossAmt: 5}", "lines.payment (grossAmt)"),
        (HEAD + "lines:\n  shipping_discount:\n    body: {taxAmount: 1}", "(taxAmount)"),
        (BODY + "{handlingCost: 4}", "body.handlingCost"),
        (BODY + "{HandlingCost: 4}", "body.HandlingCost"),
        (BODY + '{discountItem: {id: "1101"}, discountRate: -10}', "body.discountRate"),
        (BODY + '{taxTotal: "{{ tax }}"}', "body.taxTotal"),
        (
            BODY + "{giftCertRedemption: {items: [{authCodeApplied: 5}]}}",
            "giftCertRedemption.items[0]",
        ),
    ],
)
def test_an_amount_that_nothing_counts_is_named(
    tmp_path: Path, tenant: str, overlay: str, place: str
) -> None:
    ((code, message),) = findings(tmp_path, tenant, overlay)
    assert code == "E0231"
    assert place in message
    assert "is not counted" in message


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("{{ body.shippingCost | default(0) }}", "is counted 2 times"),
        ("{{ lines.tax | stored if tax else 0 }}", "is counted 2 times"),
        ("{{ -(lines.item | stored) }}", "is not counted"),
        ("{{ lines.all | stored }}", "is counted 2 times"),
        ("{{ 2 * (lines.shipping_discount | total('amount')) }}", "is counted 3 times"),
    ],
)
def test_an_amount_is_counted_once(tmp_path: Path, term: str, words: str) -> None:
    found = findings(
        tmp_path, "dodici", HEAD + f'checks: {{balance: {{terms: {{more: "{term}"}}}}}}'
    )
    assert found
    assert {code for code, _ in found} == {"E0231"}
    assert all(words in message for _, message in found)


@pytest.mark.parametrize(
    "body", ['{taxCode: {id: "1"}}', "{quantity: 3}", '{item: {id: "7"}, price: {id: "-1"}}']
)
def test_a_line_without_an_amount_is_no_part_of_a_proof(tmp_path: Path, body: str) -> None:
    found = findings(tmp_path, "dodici", HEAD + f"lines: {{items: {{body: {body}}}}}")
    assert [code for code, _ in found] == ["E0233"]


@pytest.mark.parametrize(
    "body",
    [
        "{custbody_amount: 5, exchangeRate: 2, shippingTax1Rate: 8}",
        "{discountRate: 0}",
        '{billingAddress: "{{ billing | default(omit) }}"}',
    ],
)
def test_numbers_that_post_nothing_need_no_term(tmp_path: Path, body: str) -> None:
    assert findings(tmp_path, "dodici", BODY + body) == []


UNPROVED = """
erpmap: 1
mapping: m
on: {event: order.opened}
fields: {currency: event.payload.currency, amount: {path: event.payload.amount, type: money}}
lines: {LINES}
records:
  one: {record: KIND, write: create, external_id: X1, body: {BODY}}
"""


@pytest.mark.parametrize(
    ("kind", "lines", "body", "named"),
    [
        (
            "journalEntry",
            'debit: {body: {debit: "{{ amount }}"}}, credit: {body: {credit: "{{ amount }}"}}',
            'line: {items: "{{ lines.all }}"}',
            ["lines.debit (debit)", "lines.credit (credit)"],
        ),
        (
            "vendorBill",
            "",
            'expense: {items: [{account: {id: "60"}, amount: "{{ amount | money }}"}]}',
            ["body.expense.items[0].amount"],
        ),
        ("customerDeposit", "", 'payment: "{{ amount }}"', ["body.payment"]),
    ],
)
def test_amounts_without_a_check_are_told(
    tmp_path: Path, kind: str, lines: str, body: str, named: list[str]
) -> None:
    """A note says beside it where there is no schema, because nothing else is checked then."""
    own = tmp_path / "t"
    own.mkdir()
    (own / "tenant.yaml").write_text(
        "erpmap: 1\ntenant: t\nnewstore: {tenant: t}\nnetsuite: {account: 1}\nmappings: [m]\n"
    )
    text = UNPROVED.replace("LINES", lines).replace("KIND", kind).replace("BODY", body)
    (own / "m.yaml").write_text(text)
    loaded = load_tenant(open_folder(tmp_path), "t")
    codes = {finding.code: finding.message for finding in loaded.findings}
    assert loaded.ok
    assert codes.keys() == {"W0223"} | ({"W0234"} if kind != "customerDeposit" else set())
    assert all(name in codes["W0223"] for name in named)
