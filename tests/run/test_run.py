"""What a run promises, shown through `run` on small mappings: nothing lost, nothing swallowed."""

from __future__ import annotations

import decimal
import json
from pathlib import Path

import pytest
from twins import run_both

from engine.documents import read_json, write_json
from engine.findings.diagnostics import SourceText
from engine.mapping.load import load_tenant, open_folder
from engine.orders.report.outcomes import outcome_document
from engine.run import Inputs, Outcome, RunState

TENANT = """
erpmap: 1
tenant: t
newstore: {tenant: t}
netsuite: {account: 1}
mappings: [m]
"""
HEAD = """
erpmap: 1
mapping: m
on: {event: order.opened}
fields:
  currency: event.payload.currency
  items:
    each: event.payload.items
    fields: {id: {path: id, optional: true}, price: {path: price, type: money}}
"""
LINES = """
lines:
  item:
    for: line in items
    body: {amount: "{{ line.price | money }}"}
    after:
      fee: {body: {amount: "{{ (0 - line.price) | money }}"}}
"""
RECORD = """
records:
  order:
    record: salesOrder
    write: create
    external_id: "SO-{{ event_id }}"
    body: {memo: x, item: {items: "{{ lines.all }}"}}
checks:
  balance: {terms: {all: "{{ lines.all | stored }}"}, sums_to: 0}
"""
EVENT_ID = 'values: {event_id: {is: "{{ items | length }}"}}\n'


def outcome(tmp_path: Path, mapping: str, payload: str) -> Outcome:
    folder = tmp_path / "mappings"
    (folder / "t").mkdir(parents=True, exist_ok=True)
    (folder / "t" / "tenant.yaml").write_text(TENANT)
    (folder / "t" / "m.yaml").write_text(mapping)
    loaded = load_tenant(open_folder(folder), "t")
    assert loaded.ok, loaded.findings
    event = (
        '{"tenant": "t", "name": "order.opened", "published_at": "2026-01-01T00:00:00Z",'
        f' "payload": {payload}}}'
    )
    return run_both(loaded.plans[0], Inputs(read_json(SourceText("event", event))))


def items(*prices: str, currency: str = "USD") -> str:
    entries = ", ".join(f'{{"id": "i{n}", "price": {price}}}' for n, price in enumerate(prices))
    return f'{{"currency": "{currency}", "items": [{entries}]}}'


def codes(result: Outcome) -> list[str]:
    # Whatever came out can be written as JSON and read again.
    json.loads(write_json(outcome_document(result)))
    assert (result.state is RunState.FAILED) == bool(result.findings)
    assert not (result.findings and result.payloads)
    return [finding.code for finding in result.findings]


def test_lines_and_proof_are_about_the_payload(tmp_path: Path) -> None:
    whole = HEAD + EVENT_ID + LINES + RECORD
    assert codes(outcome(tmp_path, whole, items("5"))) == []
    without = whole.replace('lines.all }}"}}', 'lines.item }}"}}')
    assert codes(outcome(tmp_path, without, items("5"))) == ["E0804"]
    twice = whole.replace("memo: x", 'custbody_more: {items: "{{ lines.item }}"}')
    assert codes(outcome(tmp_path, twice, items("5"))) == ["E0804"]


def test_a_check_is_about_the_record_that_it_names_whether_or_not_a_later_one_is_written(
    tmp_path: Path,
) -> None:
    """Where the last record has a condition, a check without `of` is refused when it is loaded (E0236)."""
    trailing = """
  trailing: {record: customer, write: create, external_id: "C-1", if: WRITTEN, body: {comments: y}}
checks:"""
    mapping = (HEAD + EVENT_ID + LINES + RECORD).replace("\nchecks:", trailing)
    mapping = mapping.replace("balance: {", "balance: {of: order, ")
    for written in ("true", "false"):
        this = mapping.replace("WRITTEN", written)
        assert codes(outcome(tmp_path, this, items("5"))) == []
        wrong = this.replace("sums_to: 0", "sums_to: 99")
        assert codes(outcome(tmp_path, wrong, items("5"))) == ["E0801"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ('external_id: "{{ items | default(omit) }}"', "E0412"),
        ('external_id: "{{ omit }}"', "E0707"),
        ("external_id: \"{{ items[0].id | default('') }}\"", None),
        ('external_id: "SO-1"\n    confirm: {total: "{{ omit }}"}', None),
        ('external_id: "SO-1"\n    serialize: "{{ omit }}"', "E0707"),
    ],
)
def test_ids_are_texts_that_are_there(tmp_path: Path, change: str, code: str | None) -> None:
    mapping = (HEAD + EVENT_ID + LINES + RECORD).replace('external_id: "SO-{{ event_id }}"', change)
    assert codes(outcome(tmp_path, mapping, items("5"))) == ([code] if code else [])


def test_what_templates_give_is_written_as_json(tmp_path: Path) -> None:
    fields = HEAD.replace(
        "items:\n", "day: {path: event.payload.day, type: datetime}\n  items:\n", 1
    )
    body = """{custbody_memo: "{{ [day, {'at': day}] }}", custbody_lines: "{{ [lines.all] }}"}"""
    mapping = (fields + EVENT_ID + RECORD).replace(
        '{memo: x, item: {items: "{{ lines.all }}"}}', body
    )
    result = outcome(
        tmp_path,
        mapping.replace('terms: {all: "{{ lines.all | stored }}"}', "terms: {all: 0}"),
        '{"currency": "USD", "items": [], "day": "2026-01-01T00:00:00"}',
    )
    assert codes(result) == []
    assert result.payloads[0].body["custbody_memo"] == [
        "2026-01-01T00:00:00Z",
        {"at": "2026-01-01T00:00:00Z"},
    ]


def test_the_entry_of_a_loop_does_not_change_the_currency(tmp_path: Path) -> None:
    fields = HEAD.replace("fields: {id:", "fields: {currency: {path: foreign, optional: true}, id:")
    line = LINES.replace("for: line in items", "for: line in items")
    payload = '{"currency": "JPY", "items": [{"id": "a", "price": 5.4, "foreign": "KWD"}]}'
    result = outcome(tmp_path, fields + EVENT_ID + line + RECORD, payload)
    assert codes(result) == []
    assert '{"amount":5}' in write_json(result.payloads[0].document())


@pytest.mark.parametrize(
    ("precision", "amount"), [("", "5.13"), ("KWD: 3", "5.125"), ("KWD: 0, JPY: 2", "5")]
)
def test_amounts_have_the_places_of_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str, amount: str
) -> None:
    """Rounded, stored and proved to the places of its currency, not to those of ISO 4217."""
    tenant = TENANT.replace("{account: 1}", f"{{account: 1, precision: {{{precision}}}}}")
    monkeypatch.setitem(globals(), "TENANT", tenant)
    result = outcome(tmp_path, HEAD + EVENT_ID + LINES + RECORD, items("5.125", currency="KWD"))
    assert codes(result) == []
    assert f'[{{"amount":{amount}}},{{"amount":-{amount}}}]' in write_json(
        result.payloads[0].document()
    )


@pytest.mark.parametrize("prec", [6, 28])
def test_gaps_are_exact_in_every_ambient_context(tmp_path: Path, prec: int) -> None:
    mapping = (HEAD + EVENT_ID + LINES + RECORD).replace("sums_to: 0", "sums_to: 12345678901.23")
    with decimal.localcontext(prec=prec):
        result = outcome(tmp_path, mapping, items("5"))
    assert codes(result) == ["E0801"]
    assert "off by -12345678901.23" in result.findings[0].message


def test_amounts_too_far_apart_to_add_end_in_findings(tmp_path: Path) -> None:
    mapping = (HEAD + EVENT_ID + RECORD + "lines: {one: {body: {amount: 1}}}").replace(
        "lines.all | stored", "lines.one | stored"
    )
    assert codes(outcome(tmp_path, mapping, items("1e30", "1e-30"))) == ["E0801"]


def test_ids_that_are_none_join_nobody(tmp_path: Path) -> None:
    join = "join: {other: {from: event.payload.others, on: id}}\n    fields: {found: {path: other.rate, default: none}, id:"
    mapping = (HEAD.replace("fields: {id:", join) + EVENT_ID + LINES + RECORD).replace(
        "memo: x", "memo: \"{{ items | map('found') | join(' ') }}\""
    )
    payload = (
        '{"currency": "USD", "items": [{"id": null, "price": 1}, {"id": "a", "price": 1}, {"id": 7, "price": 1}],'
        ' "others": [{"id": true, "rate": "wrong"}, {"id": null, "rate": "wrong"}, {"id": "a", "rate": "A"}, {"id": "7", "rate": "7"}]}'
    )
    result = outcome(
        tmp_path, mapping.replace("found:", "rate:").replace("map('found')", "map('rate')"), payload
    )
    assert codes(result) == []
    assert result.payloads[0].body["memo"] == "none A 7"


def test_one_order_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    default = HEAD.replace(
        "items:\n", "extra: {path: event.payload.extra, default: {a: [1]}}\n  items:\n", 1
    )
    mapping = (default + EVENT_ID + LINES + RECORD).replace(
        "memo: x", 'custbody_memo: "{{ extra }}"'
    )
    first = outcome(tmp_path, mapping, items("5"))
    memo = first.payloads[0].body["custbody_memo"]
    assert isinstance(memo, dict)
    memo["a"].append(2)
    assert outcome(tmp_path, mapping, items("5")).payloads[0].body["custbody_memo"] == {"a": [1]}


def test_a_record_that_is_not_written_has_no_id(tmp_path: Path) -> None:
    mapping = (
        (HEAD + EVENT_ID + LINES + RECORD)
        .replace(
            "records:\n",
            'records:\n  first: {record: customer, write: create, external_id: "C-1", if: false, body: {memo: y}}\n',
        )
        .replace("memo: x", 'memo: "{{ records.first.id }}"')
    )
    assert codes(outcome(tmp_path, mapping, items("5"))) == ["E0410"]
    spared = mapping.replace("records.first.id", "records.first.id | default(omit)")
    assert codes(outcome(tmp_path, spared, items("5"))) == []


def test_lines_cost_what_they_are(tmp_path: Path) -> None:
    behind = "".join(f"      f{n}: {{body: {{amount: 0}}}}\n" for n in range(300))
    mapping = HEAD + EVENT_ID + LINES.replace("      fee:", behind + "      fee:") + RECORD
    assert codes(outcome(tmp_path, mapping, items(*["1"] * 2_000))) == ["E0901"]


def test_values_in_a_rest_path_stay_in_their_segment(tmp_path: Path) -> None:
    source = 'sources: {account: {rest: "/v0/accounts/{{ event.payload.id }}/x?a={{ event.payload.n }}"}}\n'
    mapping = HEAD + source + EVENT_ID + LINES + RECORD
    payload = items("5").replace("{", '{"id": "../a/b?c=d&e#é", "n": 1.50, ', 1)
    result = outcome(tmp_path, mapping, payload)
    assert codes(result) == ["E0703"]
    asked = "GET /v0/accounts/..%2Fa%2Fb%3Fc%3Dd%26e%23%C3%A9/x?a=1.50"
    assert asked in str(result.findings[0].hint)


def test_a_line_counts_only_where_the_check_looks(tmp_path: Path) -> None:
    elsewhere = (HEAD + EVENT_ID + LINES + RECORD).replace(
        "records:\n",
        'records:\n  other: {record: customer, write: create, external_id: "C-1",'
        ' body: {custentity_notes: "{{ lines.item.fee }}"}}\n',
    )
    split = elsewhere.replace('items: "{{ lines.all }}"', 'items: "{{ lines.item }}"')
    assert codes(outcome(tmp_path, elsewhere, items("5"))) == []
    assert codes(outcome(tmp_path, split, items("5"))) == ["E0804"]


@pytest.mark.parametrize("identity", ['"\\ud800"', '".."'])
def test_no_id_leads_out_of_a_path(tmp_path: Path, identity: str) -> None:
    source = 'sources: {account: {rest: "/v0/accounts/{{ event.payload.id }}/x"}}\n'
    payload = items("5").replace("{", f'{{"id": {identity}, ', 1)
    result = outcome(tmp_path, HEAD + source + EVENT_ID + LINES + RECORD, payload)
    assert codes(result) == ["E0703"]
    assert "accounts/%" in str(result.findings[0].hint)
