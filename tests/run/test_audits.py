"""Amounts that only an order shows: a payload never carries an amount that its proof does not count."""

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
lines:
  item: {body: {account: {id: "{{ more }}"}, amount: 5}}
records:
  order:
    record: RECORD
    write: create
    external_id: X1
    body: {memo: "{{ more }}", BODY, item: {items: "{{ lines.all }}"}}
checks:
  balance: {terms: {goods: "{{ lines.item | stored }}", TERM}, sums_to: SUM}
"""


def outcome(folder: Path, payload: str, **parts: str) -> tuple[Outcome, bool]:
    """The outcome of an order, and whether its mapping is compiled."""
    (folder / "t").mkdir()
    (folder / "t" / "tenant.yaml").write_text(TENANT)
    text = MAPPING
    for name, part in ({"RECORD": "vendorBill", "TERM": "none: 0", "SUM": "5"} | parts).items():
        text = text.replace(name, part)
    (folder / "t" / "m.yaml").write_text(text)
    loaded = load_tenant(open_folder(folder), "t")
    assert loaded.ok, loaded.findings
    event = (
        '{"tenant": "t", "name": "order.opened", "published_at": "2026-01-01T00:00:00Z",'
        f' "payload": {{"currency": "USD", {payload}}}}}'
    )
    plan = loaded.plans[0]
    inputs = Inputs(read_json(SourceText("event", event)))
    return run_both(plan, inputs), get_program(plan).compiled is not None


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('"a text"', []),
        ("7", []),
        ('{"note": "x", "custbody_amount": 3}', []),
        ('{"handlingCost": 0}', []),
        ('{"HandlingCost": 3}', ["E0821", "E0821"]),
        ('{"expense": {"items": [{"amount": "3.00"}]}}', ["E0821", "E0821"]),
        ('[{"debit": 1}]', ["E0821", "E0821"]),
    ],
)
def test_a_value_that_turns_out_to_be_a_map_is_looked_into(
    tmp_path: Path, more: str, expected: list[str]
) -> None:
    """Of the body and of a line alike; orders with single values still run compiled."""
    found, is_compiled = outcome(tmp_path, f'"more": {more}', BODY="location: {id: '1'}")
    assert codes(found) == expected
    assert is_compiled


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("none: 0", ["E0821"]),
        ("fees: \"{{ body.expense.items | total('amount') }}\"", []),
        ("fees: \"{{ fees | total('amount') }}\"", ["E0821"]),
        ('fees: "{{ 3 if more else body.expense.items[0].amount }}"', ["E0821"]),
        ('fees: "{{ body.expense.items[0].amount if more else 3 }}"', []),
    ],
)
def test_entries_of_a_list_are_counted_by_the_terms_that_an_order_uses(
    tmp_path: Path, term: str, expected: list[str]
) -> None:
    found, _ = outcome(
        tmp_path,
        '"more": "yes", "fees": [{"account": {"id": "6"}, "amount": 3}]',
        BODY='expense: {items: "{{ fees }}"}',
        TERM=term,
        SUM="5" if term.startswith("none") else "8",
    )
    assert codes(found) == expected


def test_entries_in_a_template_are_counted_by_their_total(tmp_path: Path) -> None:
    """The lines of the record are not taken for entries that no check counts."""
    found, _ = outcome(
        tmp_path,
        '"more": "5"',
        BODY="""apply: "{{ {'items': [{'amount': 2}, {'amount': 0}]} }}\"""",
        TERM="applied: \"{{ body.apply.items | total('amount') }}\"",
        SUM="7",
    )
    assert codes(found) == []
