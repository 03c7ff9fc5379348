"""What NetSuite takes: lengths, countries, states and a tenant's own limits, by both ways of running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twins import run_twins

from engine.mapping.load import LoadedTenant, load_tenant, open_folder
from engine.run import Inputs, RunState
from engine.run.compiled import compile_program

TENANT = """erpmap: 1
tenant: acme
newstore: {tenant: acme-sandbox}
netsuite: {account: 1234567}
mappings: [order]
"""
MAPPING = """erpmap: 1
on: {event: order.opened}
fields:
  memo: {path: event.payload.memo, default: ""}
  note: {path: event.payload.note, default: ""}
  state: {path: event.payload.state, default: ""}
  country: {path: event.payload.country, default: ""}
  names: {path: event.payload.names, type: list, default: []}
  number: {path: event.payload.number, default: "1"}
  bill: {path: event.payload.bill, default: ""}
lines:
  item:
    for: name in names
    body: {description: "{{ name }}", custcol_note: "{{ name }}"}
records:
  order:
    record: salesOrder
    write: create
    external_id: "SO-{{ number }}"
    body:
      memo: "{{ memo }}"
      custbody_note: "{{ note }}"
      billState: "{{ bill or omit }}"
      billCountry: {id: US}
      shippingAddress:
        state: "{{ state or omit }}"
        country: {id: "{{ country or omit }}"}
      item: {items: "{{ lines.all }}"}
"""
# The order, the field of its mistake, and what is said of it; without a field the order is taken.
ORDERS: list[tuple[dict[str, Any], str, str]] = [
    ({"memo": "x" * 999}, "", ""),
    ({"memo": "x" * 1000}, "memo", "longer than 999 characters | it has 1,000: `| cut(999)` shortens it"),
    ({"memo": "\U0001f381" * 999}, "", ""),
    ({"note": "é" * 10}, "", ""),
    ({"note": "é" * 10 + "x"}, "custbody_note", "20 bytes of UTF-8 | it has 21: `| cut_bytes(20)` shortens it"),
    ({"note": "x" * 21}, "custbody_note", "longer than 20 characters"),
    ({"country": "US", "state": "NY"}, "", ""),
    ({"country": "US", "state": "New York"}, "shippingAddress.state", "no state of US"),
    ({"country": "US", "state": "ON"}, "shippingAddress.state", "no state of US"),
    ({"country": "CA", "state": "ON"}, "", ""),
    ({"country": "DE", "state": "ON"}, "", ""),
    ({"state": "ON"}, "shippingAddress.state", "no country beside it"),
    ({"country": "DE", "state": "x" * 31}, "shippingAddress.state", "longer than 30 characters"),
    ({"country": "USA"}, "shippingAddress.country.id", "cannot be 'USA' | two letters of ISO 3166"),
    ({"country": "XK"}, "", ""),
    ({"country": "us"}, "shippingAddress.country.id", "cannot be 'us'"),
    ({"names": ["é" * 5, "short"]}, "", ""),
    ({"bill": "NY"}, "", ""),
    ({"bill": "New York"}, "billState", "no state of US"),
    ({"number": "a 1\u00e9"}, "", ""),
    ({"number": "1\u200b"}, "external_id", "U+200B"),
    ({"number": "1\u20282"}, "external_id", "U+2028"),
    ({"number": "1 "}, "external_id", "begins or ends with a blank"),
    ({"names": ["short", "é" * 6]}, "item.items[1].custcol_note", "10 bytes"),
    ({"memo": "two\nlines\tand a tab, \u200b\u2028"}, "", ""),
    ({"memo": "a bell: \x07"}, "memo", "the control character U+0007"),
    ({"note": "\x1b[1m"}, "custbody_note", "the control character U+001B"),
]  # fmt: skip
LIMITS = {"record": {"custbody_note": 20}, "line": {"custcol_note": 10}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "tenant.yaml", TENANT)
    put(tmp_path, "order.yaml", MAPPING)
    return tmp_path


def put(folder: Path, name: str, content: str | dict[str, Any]) -> None:
    path = folder / "acme" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def limit(folder: Path, limits: dict[str, Any]) -> None:
    put(folder, "schemas/netsuite/limits.json", limits)


def load(folder: Path) -> LoadedTenant:
    return load_tenant(open_folder(folder), "acme")


def an_order(payload: dict[str, Any]) -> Inputs:
    return Inputs({"tenant": "acme-sandbox", "name": "order.opened", "published_at": "2026-12-01T10:00:00Z", "payload": payload})  # fmt: skip


def test_each_order_ends_as_said_whatever_was_seen_before(folder: Path) -> None:
    """All orders, there and back: what one program remembers of an order decides about no other."""
    limit(folder, LIMITS)
    (plan,) = load(folder).plans
    program = compile_program(plan)
    assert program.compiled is not None
    for payload, field, words in [*ORDERS, *reversed(ORDERS)]:
        outcome, is_quick = run_twins(program, an_order(payload))
        assert is_quick is (field == ""), payload
        found = [
            (str(f.trail).removeprefix("records.order."), f"{f.message} | {f.hint}")
            for f in outcome.findings
        ]
        assert [trail for trail, _ in found] == ([field] if field else []), found
        assert all(words.partition(" | ")[0] in text and words in text for _, text in found), found
        assert (outcome.state is RunState.RENDERED) is (field == "")


@pytest.mark.parametrize(
    ("limits", "payload", "is_taken"),
    [
        ({}, {"memo": "x" * 1000}, False),
        ({"record": {"memo": 4000}}, {"memo": "x" * 1000}, True),
        ({"record": {"memo": 10}}, {"memo": "x" * 11}, False),
        ({"states": {"US": []}}, {"country": "US", "state": "Utopia"}, True),
        ({"states": {"MX": ["AGS", "BC"]}}, {"country": "MX", "state": "Jalisco"}, False),
        ({"states": {"MX": ["AGS", "BC"]}}, {"country": "MX", "state": "BC"}, True),
        ({"address": {"state": 40}}, {"country": "DE", "state": "x" * 31}, True),
        ({}, {"names": ["x" * 300], "note": "x" * 300}, True),
        ({}, {"names": ["x" * 301]}, False),
        ({}, {"names": ["é" * 151]}, False),
        ({}, {"note": "x" * 301}, False),
        ({"line": {"custcol_note": 9999}}, {"names": ["x" * 4000]}, True),
        ({"line": {"custcol_note": 9999}}, {"names": ["x" * 4001]}, False),
        ({"custom": 9999}, {"names": ["x" * 4000], "note": "x" * 4000}, True),
        ({"custom": 9999}, {"names": ["x" * 4001]}, False),
        ({"custom": 50}, {"note": "x" * 51}, False),
        ({"custom": 50, "record": {"custbody_note": 60}}, {"note": "x" * 60}, True),
    ],
)
def test_limits_of_the_tenant_win(
    folder: Path, limits: dict[str, Any], payload: dict[str, Any], *, is_taken: bool
) -> None:
    limit(folder, limits)
    (plan,) = load(folder).plans
    outcome, _ = run_twins(compile_program(plan), an_order(payload))
    assert (outcome.state is RunState.RENDERED) is is_taken


@pytest.mark.parametrize(("own", "is_taken"), [({}, False), ({"maxLength": 2000}, True)])
def test_a_snapshot_gets_the_lengths_that_it_does_not_say(
    folder: Path, own: dict[str, Any], *, is_taken: bool
) -> None:
    fields: dict[str, Any] = {name: {"type": "string"} for name in ("externalId", "custbody_note")}
    address = {
        "type": "object",
        "properties": {"addr1": {"type": "string"}, "state": {"type": "string"}},
    }
    fields |= {"memo": {"type": "string", **own}, "shippingAddress": address, "item": {}}  # fmt: skip
    put(folder, "schemas/netsuite/salesOrder.schema.json", {"type": "object", "properties": fields})
    (plan,) = load(folder).plans
    outcome, _ = run_twins(compile_program(plan), an_order({"memo": "x" * 1000}))
    assert (outcome.state is RunState.RENDERED) is is_taken
    outcome, _ = run_twins(compile_program(plan), an_order({"state": "x" * 31}))
    assert outcome.state is RunState.FAILED


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ("[]", "not a map"),
        ('{"records": {}}', "'records'"),
        ('{"record": {"memo": 0}}', "'memo'"),
        ('{"record": {"memo": true}}', "'memo'"),
        ('{"line": []}', "'line'"),
        ('{"states": ["DE"]}', "'DE'"),
        ('{"states": [[]]}', "[]"),
        ('{"states": {"Germany": ["BY"]}}', "'Germany'"),
        ('{"states": {"DE": "BY"}}', "'DE'"),
        ('{"states": {"DE": [1]}}', "'DE'"),
        ('{"states": 5}', "states"),
        ('{"custom": 0}', "'custom'"),
        ('{"custom": {}}', "'custom'"),
    ],
)
def test_limits_that_are_none_are_a_finding(folder: Path, limits: str, words: str) -> None:
    put(folder, "schemas/netsuite/limits.json", limits)
    loaded = load(folder)
    assert [finding.code for finding in loaded.findings] == ["E0807"]
    assert words in loaded.findings[0].message
