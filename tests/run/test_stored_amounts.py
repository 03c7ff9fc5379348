"""What a proof counts is what NetSuite stores: rounded by amount, taxed by code, priced by the payload."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_run import TENANT, codes
from twins import run_both

from engine.documents import read_json
from engine.findings.diagnostics import SourceText
from engine.mapping.load import load_tenant, open_folder
from engine.run import Inputs, Outcome
from engine.run.compiled.program import get_program

MAPPING = """
erpmap: 1
mapping: m
on: {event: order.opened}
fields:
  currency: event.payload.currency
  more: {path: event.payload.more, optional: true}
  fees: {path: event.payload.fees, type: list, default: []}
lines: {LINES}
records:
  order: {record: RECORD, write: create, external_id: X1, body: {BODY}}
checks:
  balance: {terms: {TERMS}, sums_to: SUM}
"""
GOODS = 'goods: "{{ lines.item | stored }}"'
PLACED = 'item: {items: "{{ lines.all }}"}'


def outcome(folder: Path, payload: str, total: str, **parts: str) -> tuple[Outcome, bool]:
    """The outcome of an order in dollars, and whether its mapping is compiled."""
    payload = payload if '"currency"' in payload else f'"currency": "USD", {payload}'
    (folder / "t").mkdir()
    (folder / "t" / "tenant.yaml").write_text(TENANT)
    text = MAPPING.replace("SUM", total)
    defaults = {
        "RECORD": "salesOrder",
        "LINES": 'item: {body: {item: {id: "7"}, amount: 5}}',
        "BODY": PLACED,
        "TERMS": GOODS,
    }
    for name, part in (defaults | parts).items():
        text = text.replace(name, part)
    (folder / "t" / "m.yaml").write_text(text)
    loaded = load_tenant(open_folder(folder), "t")
    assert loaded.ok, loaded.findings
    event = (
        '{"tenant": "t", "name": "order.opened", "published_at": "2026-01-01T00:00:00Z",'
        f' "payload": {{{payload}}}}}'
    )
    plan = loaded.plans[0]
    inputs = Inputs(read_json(SourceText("event", event)))
    return run_both(plan, inputs), get_program(plan).compiled is not None


@pytest.mark.parametrize(
    ("more", "total", "expected"),
    [
        ("2.00", "7", []),
        ("2", "7", []),
        ("2.000", "7", []),
        ("2.005", "7.005", ["E0823"]),
        ("1E-3", "5.001", ["E0823"]),
    ],
)
def test_an_amount_has_the_places_that_the_account_keeps(
    tmp_path: Path, more: str, total: str, expected: list[str]
) -> None:
    """0.005 + 0.005 adds up to 0.01, and NetSuite stores 0.02; orders that fit run compiled."""
    found, is_compiled = outcome(
        tmp_path,
        f'"more": {more}',
        total,
        BODY=f'shippingCost: "{{{{ more }}}}", {PLACED}',
        TERMS=f'{GOODS}, cost: "{{{{ body.shippingCost }}}}"',
    )
    assert codes(found) == expected
    assert is_compiled


@pytest.mark.parametrize(
    ("line", "terms", "total", "expected"),
    [
        ('amount: "{{ more }}"', "g: \"{{ lines.item | total('amount') }}\"", "0.125", ["E0823"]),
        ('amount: "{{ more }}"', GOODS, "0.13", []),
        ('rate: "{{ more }}", quantity: 2', GOODS, "0.25", []),
        (
            'amount: 5, tax1Amt: "{{ more }}"',
            GOODS + ", tax: \"{{ lines.item | total('tax1Amt') }}\"",
            "5.125",
            ["E0823"],
        ),
        (
            'amount: 5, tax1Amt: "{{ more | money }}"',
            GOODS + ", tax: \"{{ lines.item | total('tax1Amt') }}\"",
            "5.13",
            [],
        ),
    ],
)
def test_amounts_of_lines_are_rounded_or_refused(
    tmp_path: Path, line: str, terms: str, total: str, expected: list[str]
) -> None:
    """`stored` rounds each line as NetSuite does; `total` adds up what is sent."""
    found, is_compiled = outcome(
        tmp_path,
        '"more": 0.125',
        total,
        LINES=f'item: {{body: {{item: {{id: "7"}}, {line}}}}}',
        TERMS=terms,
    )
    assert codes(found) == expected
    assert is_compiled


@pytest.mark.parametrize(
    ("literal", "currency", "expected"), [("2.5", "JPY", ["E0823"]), ("2.5", "USD", [])]
)
def test_the_currency_of_the_order_decides(
    tmp_path: Path, literal: str, currency: str, expected: list[str]
) -> None:
    found, is_compiled = outcome(
        tmp_path,
        f'"currency": "{currency}"',
        "7.5",
        BODY=f"shippingCost: {literal}, {PLACED}",
        TERMS=f'{GOODS}, cost: "{{{{ body.shippingCost }}}}"',
    )
    assert codes(found) == expected
    assert is_compiled


@pytest.mark.parametrize(
    ("more", "total", "expected"), [("", "5", ["E0821"]), ('"more": 1', "6", [])]
)
def test_a_tax_that_a_line_leaves_to_its_code_is_counted(
    tmp_path: Path, more: str, total: str, expected: list[str]
) -> None:
    """`total('tax1Amt', 0)` counts nothing of what NetSuite then computes."""
    line = 'amount: 5, taxCode: {id: "1"}, tax1Amt: "{{ more | default(omit) }}"'
    found, _ = outcome(
        tmp_path,
        more or '"other": 1',
        total,
        LINES=f'item: {{body: {{item: {{id: "7"}}, {line}}}}}',
        TERMS=GOODS + ", tax: \"{{ lines.item | total('tax1Amt', 0) }}\"",
    )
    assert codes(found) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('{"item": {"id": "7"}, "amount": 0}', []),
        ('{"item": {"id": "7"}, "quantity": 2}', ["E0421"]),
        ('{"description": "no item"}', []),
        ('{"item": {"id": "7"}, "amount": 2, "taxCode": {"id": "1"}}', ["E0821", "E0821"]),
    ],
)
def test_entries_of_a_template_are_lines_with_a_price(
    tmp_path: Path, entry: str, expected: list[str]
) -> None:
    """Without one NetSuite uses the item's own; and a tax code is a tax."""
    found, is_compiled = outcome(
        tmp_path,
        f'"fees": [{entry}]',
        "0",
        LINES="",
        BODY='item: {items: "{{ fees }}"}, shippingCost: "{{ more | default(0) }}"',
        TERMS='cost: "{{ body.shippingCost }}"',
    )
    assert codes(found) == expected
    assert is_compiled


@pytest.mark.parametrize(
    ("entry", "more", "expected"),
    [
        ('{item: {id: "7"}, amount: "{{ more | default(omit) }}"}', '"more": 5', []),
        ('{item: {id: "7"}, amount: "{{ more | default(omit) }}"}', '"x": 5', ["E0421"]),
    ],
)
def test_an_entry_that_is_written_out_has_a_price_in_every_order(
    tmp_path: Path, entry: str, more: str, expected: list[str]
) -> None:
    found, _ = outcome(
        tmp_path,
        more,
        "5" if "more" in more else "0",
        LINES="",
        BODY=f"item: {{items: [{entry}]}}",
        TERMS="goods: \"{{ body.item.items | total('amount', 0) }}\"",
    )
    assert codes(found) == expected


@pytest.mark.parametrize(
    ("more", "total", "expected"), [('"more": -2', "3", []), ('"x": 1', "5", ["E0821"])]
)
def test_a_discount_without_its_amount_is_the_one_of_the_item(
    tmp_path: Path, more: str, total: str, expected: list[str]
) -> None:
    found, _ = outcome(
        tmp_path,
        more,
        total,
        BODY=('discountItem: {id: "9"}, discountRate: "{{ more | default(omit) }}", ' + PLACED),
        TERMS=GOODS + ', off: "{{ body.discountRate | default(0) }}"',
    )
    assert codes(found) == expected


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        ('[{"item": {"id": "7"}, "amount": 0}]', []),
        ('[{"item": {"id": "7"}, "amount": 3}]', ["E0821"]),
    ],
)
def test_a_check_that_reads_no_amount_proves_none(
    tmp_path: Path, fees: str, expected: list[str]
) -> None:
    """Where only the order shows that there are amounts; without them it may say what it likes."""
    found, is_compiled = outcome(
        tmp_path,
        f'"more": 3, "fees": {fees}',
        "3",
        LINES="",
        BODY='item: {items: "{{ fees }}"}',
        TERMS='told: "{{ more }}"',
    )
    assert codes(found) == expected
    assert is_compiled
