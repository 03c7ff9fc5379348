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
    return [(each.code, each.message) for each in loaded.findings if each.code != "W0241"]


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


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("{{ lines.item | total('quantity') }}", "counts what is no amount"),
        ("{{ body.exchangeRate }}", "counts what is no amount"),
        ("{{ lines.shipping_discount | taxed('custcol_rate') }}", "counts what is no amount"),
    ],
)
def test_a_term_counts_amounts_only(tmp_path: Path, term: str, words: str) -> None:
    overlay = BODY + f'{{exchangeRate: 2}}\nchecks: {{balance: {{terms: {{more: "{term}"}}}}}}'
    ((code, message),) = findings(tmp_path, "dodici", overlay)
    assert code == "E0237"
    assert words in message


def test_what_the_amounts_add_up_to_may_be_any_number(tmp_path: Path) -> None:
    overlay = BODY + (
        "{custbody_total: 0}\n"
        'checks: {balance: {sums_to: "{{ body.custbody_total }}"},'
        ' same: {equal: ["{{ checks.balance.sum }}", "{{ body.custbody_total }}"]}}'
    )
    assert findings(tmp_path, "dodici", overlay) == []


@pytest.mark.parametrize("column", ["quantity", "rate", "custcol_nws_item_id", "taxCode"])
def test_a_tax_is_counted_by_a_rate(tmp_path: Path, column: str) -> None:
    """A field of the account's own may be one; nothing else that has another meaning."""
    term = f"{{{{ lines.item | taxed('{column}', {{'5': 0}}) }}}}"
    found = findings(
        tmp_path, "dodici", HEAD + f'checks: {{balance: {{terms: {{tax: "{term}"}}}}}}'
    )
    assert [code for code, _ in found] == ([] if column.startswith("cust") else ["E0237"])


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("{shippingTaxCode: {id: 5}}", "W0238", "computes a tax on `shippingCost`"),
        ("{taxItem: {id: 5}}", "W0238", "taxes what is taxable by it"),
        ("{isTaxable: true}", "W0238", "taxes what is taxable"),
        ("{discountItem: {id: 5}}", "W0238", "takes off what the item itself says"),
        ('{discountItem: {id: 5}, discountTotal: "{{ tax }}"}', "E0231", ""),
        ("{promoCode: {id: 5}}", "W0238", "takes off what its promotion says"),
        (
            '{giftCertRedemption: {items: [{authCode: {id: "1"}}]}}',
            None,
            "",
        ),
        ("{handlingCost: 0.00125}", "E0231", ""),
    ],
)
def test_what_netsuite_adds_of_itself_is_named(
    tmp_path: Path, body: str, code: str | None, words: str
) -> None:
    found = findings(tmp_path, "dodici", BODY + body)
    assert [each for each, _ in found if each != "E0806"][:1] == ([code] if code else [])
    assert all(words in message for _, message in found)


def test_a_tax_or_a_discount_with_its_amount_adds_nothing(tmp_path: Path) -> None:
    overlay = BODY + (
        "{isTaxable: false, discountItem: {id: 5}, discountRate: -3}\n"
        'checks: {balance: {terms: {off: "{{ body.discountRate }}"}}}'
    )
    assert findings(tmp_path, "dodici", overlay) == []


# Notes on schemas and on the names that a mapping does not use.
IGNORED = ("W0234", "W0241")
PROVED = UNPROVED + "checks: {CHECK: {terms: {TERMS}, sums_to: 0}}\n"


def proved(folder: Path, kind: str, lines: str, body: str, terms: str) -> list[tuple[str, str]]:
    """The codes and messages of a mapping of one record with a proof, without the note on schemas."""
    own = folder / "t"
    own.mkdir()
    (own / "tenant.yaml").write_text(
        "erpmap: 1\ntenant: t\nnewstore: {tenant: t}\nnetsuite: {account: 1}\nmappings: [m]\n"
    )
    text = PROVED.replace("LINES", lines).replace("KIND", kind).replace("BODY", body)
    (own / "m.yaml").write_text(text.replace("CHECK", "balance").replace("TERMS", terms))
    loaded = load_tenant(open_folder(folder), "t")
    return [(each.code, each.message) for each in loaded.findings if each.code not in IGNORED]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ('{item: {id: "7"}, quantity: 2}', "E0233"),
        ('{item: {id: "7"}, amount: 0}', None),
        ('{item: {id: "7"}, amount: 0.005}', "E0823"),
        ('{item: {id: "7"}, amount: 5, taxCode: {id: "1"}}', "W0235"),
        ('{item: {id: "7"}, amount: 0.05, taxCode: {id: "1"}, tax1Amt: 0}', None),
    ],
)
def test_entries_that_are_written_out_are_lines_too(
    tmp_path: Path, entry: str, code: str | None
) -> None:
    terms = "a: \"{{ body.item.items | total('amount', 0) }}\""
    found = proved(tmp_path, "salesOrder", "", f"item: {{items: [{entry}]}}", terms)
    assert [each for each, _ in found] == ([] if code is None else [code])


@pytest.mark.parametrize("line", ["{Rate: 2, Quantity: 3}", '{amount: 5, TaxCode: {id: "7"}}'])
def test_keys_of_lines_are_written_as_checks_read_them(tmp_path: Path, line: str) -> None:
    """NetSuite compares names without case: a rate under another name would not be multiplied."""
    terms = "a: \"{{ lines.a | total('Rate', 0) }}\", b: \"{{ lines.a | total('amount', 0) }}\""
    found = proved(
        tmp_path, "vendorBill", f"a: {{body: {line}}}", 'item: {items: "{{ lines.all }}"}', terms
    )
    assert "E0239" in [code for code, _ in found]


@pytest.mark.parametrize(
    ("body", "terms", "codes"),
    [
        (
            "line: {items: [{account: {id: 1}, debit: 5}, {account: {id: 2}, credit: 5}]}",
            (
                "d: \"{{ body.line.items | total('debit', 0) }}\","
                " c: \"{{ -(body.line.items | total('credit', 0)) }}\""
            ),
            [],
        ),
        (
            "line: {items: [{account: {id: 1}, debit: 5}, {account: {id: 2}, credit: 5}]}",
            (
                "d: \"{{ body.line.items | total('debit', 0) }}\","
                " c: \"{{ body.line.items | total('credit', 0) }}\""
            ),
            ["E0231"],
        ),
        (
            "line: {items: [{account: {id: 1}, debit: 5}]}",
            "d: \"{{ body.line.items | total('debit', 5) }}\"",
            ["E0232"],
        ),
        ("Fee: 5", 'd: "{{ amount }}"', ["W0223"]),
        ("cost: 5, DISC: 3", 'd: "{{ body.cost }}"', ["E0231"]),
    ],
)
def test_records_without_a_schema_are_proved_by_names(
    tmp_path: Path, body: str, terms: str, codes: list[str]
) -> None:
    """Also an entry that has only one side of the account."""
    found = proved(tmp_path, "journalEntry", "", body, terms)
    assert [code for code, _ in found] == codes
