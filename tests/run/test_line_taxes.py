"""The tax that a proof counts is the tax that NetSuite computes, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_run import TENANT, codes
from twins import run_both

from engine.documents import read_json
from engine.findings.diagnostics import SourceText
from engine.mapping.load import load_tenant, open_folder
from engine.run import Inputs

MAPPING = """
erpmap: 1
mapping: m
on: {event: order.opened}
fields:
  currency: event.payload.currency
  items: {path: event.payload.items, type: list}
lines:
  item:
    for: line in items
    body:
      item: {id: "7"}
      amount: 100
      taxCode: "{{ line.code | default(omit) }}"
      custcol_rate: "{{ line.rate }}"
      taxRate1: "{{ line.own | default(omit) }}"
records:
  order: {record: salesOrder, write: create, external_id: X1, body: {item: {items: "{{ lines.all }}"}}}
checks:
  balance:
    terms:
      goods: "{{ lines.item | stored }}"
      tax: "{{ lines.item | taxed('custcol_rate', {'5': 0}) }}"
    sums_to: SUM
"""


@pytest.mark.parametrize(
    ("line", "tax"),
    [
        ({"code": {"id": "7"}, "rate": 8}, 8),
        ({"code": {"id": 7}, "rate": 8}, 8),
        ({"code": {"id": "5"}, "rate": 8}, 0),
        ({"code": "5", "rate": 8}, 0),
        ({"code": {"id": "7"}, "rate": 8, "own": 8}, 8),
        ({"code": {"id": "7"}, "rate": 8, "own": 9}, None),
        ({"code": {"id": "5"}, "rate": 8, "own": 8}, None),
        ({"rate": 8}, None),
        ({"rate": 0}, 0),
    ],
)
def test_a_line_is_taxed_by_its_code_or_not_at_all(
    tmp_path: Path, line: dict[str, object], tax: int | None
) -> None:
    """Without a code NetSuite computes none; a rate beside the code may not contradict the check."""
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "tenant.yaml").write_text(TENANT)
    mapping = MAPPING.replace("SUM", str(100 + (tax or 0)))
    (tmp_path / "t" / "m.yaml").write_text(mapping)
    loaded = load_tenant(open_folder(tmp_path), "t")
    assert loaded.ok, loaded.findings
    payload = {"currency": "USD", "items": [line]}
    event = {"tenant": "t", "name": "order.opened", "published_at": "2026-01-01T00:00:00Z"}
    text = json.dumps(event | {"payload": payload})
    found = run_both(loaded.plans[0], Inputs(read_json(SourceText("event", text))))
    assert codes(found) == (["E0428"] if tax is None else [])
