"""A tenant's own schemas: what they change, and that a type without one is as shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import main
from engine.mapping.load import LoadedTenant, load_tenant, open_folder

TENANT = """erpmap: 1
tenant: acme
newstore: {tenant: acme-sandbox}
netsuite: {account: 1234567}
mappings: [order]
"""
MAPPING = """erpmap: 1
on: {event: order.opened}
sources:
  order:
    graphql: |
      query Order($id: String!) { order(id: $id, tenant: "acme") { ownNumber grandTotal } }
    variables: {id: event.payload.id}
    select: order
fields:
  number: order.ownNumber
  total: {path: order.grandTotal, type: money}
  currency: {path: order.ownNumber, default: EUR}
records:
  order: {record: salesOrder, write: create, external_id: "SO-{{ number }}", body: {memo: "{{ number }}", total: "{{ total }}"}}
"""
SDL = """type Query { order(id: String!, tenant: String!): Order }
type Order { ownNumber: String! grandTotal: %s }
type Other { %s: Int }
"""
RECORD: dict[str, Any] = {
    "type": "object",
    "properties": {"externalId": {"type": "string"}, "memo": {"type": "string"}, "total": {}},
    "additionalProperties": False,
}
EVENT = {
    "tenant": "acme-sandbox",
    "name": "order.opened",
    "published_at": "2026-12-01T10:00:00Z",
    "payload": {"id": "o-1"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"tenant.yaml": TENANT, "order.yaml": MAPPING}.items():
        put(tmp_path, name, text)
    put(tmp_path, "schemas/newstore.graphql", SDL % ("BigFloat", "a") + "scalar BigFloat\n")
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    path = folder / "acme" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def put_record(folder: Path, schema: object, record: str = "salesOrder") -> None:
    put(folder, f"schemas/netsuite/{record}.schema.json", json.dumps(schema))


def load(folder: Path) -> LoadedTenant:
    return load_tenant(open_folder(folder), "acme")


def version(folder: Path) -> str:
    loaded = load(folder)
    assert loaded.ok, loaded.findings
    return loaded.plans[0].version


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in load(folder).findings]


def test_types_of_the_tenant_are_used_instead_of_those_shipped(folder: Path) -> None:
    assert load(folder).ok
    (folder / "acme/schemas/newstore.graphql").unlink()
    assert codes(folder) == ["E1002"]


def test_broken_types_are_told_once_and_nothing_that_follows_from_them(folder: Path) -> None:
    put(folder, "schemas/newstore.graphql", "type Query { order: Nothing }")
    assert codes(folder) == ["E1008"]
    put(folder, "schemas/newstore.graphql", "type Order { id: ID }")
    assert codes(folder) == ["E1008"]


@pytest.mark.parametrize("scalar", ["BigFloat", "Float", "String", "Int"])
def test_what_is_money_as_shipped_is_money_whatever_its_scalar_is_called(
    folder: Path, scalar: str
) -> None:
    put(folder, "schemas/newstore.graphql", SDL % (scalar, "a") + "scalar BigFloat\n")
    (plan,) = load(folder).plans
    assert plan.sources[0].selection is not None
    order = plan.sources[0].selection.children["order"]
    assert order.children["grandTotal"].is_money
    assert not order.children["ownNumber"].is_money


def test_a_record_schema_of_the_tenant_is_used_and_others_are_as_shipped(folder: Path) -> None:
    put_record(folder, RECORD, "customer")
    (plan,) = load(folder).plans
    shipped = plan.records[0].schema
    assert shipped is not None
    assert "tranDate" in shipped.schema["properties"]
    put_record(folder, RECORD)
    (plan,) = load(folder).plans
    own = plan.records[0].schema
    assert own is not None
    assert own.schema["properties"] == {
        **RECORD["properties"],
        "externalId": {"type": "string", "noControls": True},
        "memo": {"type": "string", "maxLength": 999, "noControls": True},
    }  # fmt: skip
    assert not own.accepts({"tranDate": "2026-12-01"})
    assert load(folder).plans[0].records[0].schema is own


def test_a_type_of_record_that_only_the_tenant_has(folder: Path) -> None:
    put_record(folder, RECORD, "tillReport")
    put(folder, "order.yaml", MAPPING.replace("record: salesOrder", "record: tillReprt"))
    assert codes(folder) == ["W0225"]
    put(folder, "order.yaml", MAPPING.replace("record: salesOrder", "record: tillReport"))
    (plan,) = load(folder).plans
    assert plan.records[0].schema is not None


def test_the_version_changes_where_a_snapshot_matters_to_the_mapping(folder: Path) -> None:
    first = version(folder)
    put(folder, "schemas/newstore.graphql", SDL % ("BigFloat", "b") + "scalar BigFloat\n")
    assert version(folder) == first
    put_record(folder, RECORD, "customer")
    assert version(folder) == first
    put(folder, "schemas/newstore.graphql", SDL % ("Int", "b") + "scalar BigFloat\n")
    second = version(folder)
    put_record(folder, RECORD)
    third = version(folder)
    put_record(folder, {**RECORD, "title": "another"})
    assert len({first, second, third, version(folder)}) == 4


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_processes_that_render_see_the_snapshots(folder: Path, jobs: str) -> None:
    put_record(
        folder,
        {**RECORD, "properties": {"externalId": {}, "memo": {"enum": ["x"]}, "total": {}}},
    )
    for number in range(6):
        order = folder / "orders" / f"AC-{number}"
        order.mkdir(parents=True)
        answer: dict[str, Any] = {"data": {"order": {"ownNumber": "7", "grandTotal": "1.50"}}}
        (order / "event.json").write_text(json.dumps(EVENT))
        (order / "order.json").write_text(json.dumps(answer))
    result = CliRunner().invoke(
        main,
        [
            "--mappings",
            str(folder),
            "render",
            "acme",
            "--all",
            str(folder / "orders"),
            "--jobs",
            jobs,
        ],
    )
    assert result.output.count("salesOrder.memo cannot be") >= 1, result.output
    assert "E0806" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"properties": {}, "$schema": "http://json-schema.org/draft-07/schema#"},
        {"properties": {}, "$id": "https://example.com/"},
        {"properties": {"a": {"$dynamicRef": "#a"}}},
        {"properties": {"a": {"pattern": "(a|aa)+$"}}},
        {"properties": {}, "patternProperties": {"(a|aa)+$": {}}},
        {"properties": {"a": {"$defs": {}}}},
        {"properties": {"a": 1}},
        {"properties": {"a": {"anyOf": {}}}},
        {"properties": {"a": {"$ref": "#/$defs/missing"}}},
        {"properties": {"a": {"$ref": "#"}}},
        {"properties": {"a": {"maxLength": "x"}}},
        {"properties": {}, "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"properties": {}, "$defs": {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)} | {"a40": {}}},
    ],
)  # fmt: skip
def test_a_record_schema_of_another_form_is_refused(folder: Path, schema: object) -> None:
    put_record(folder, schema)
    assert codes(folder) == ["E0807"]


def test_a_record_schema_nested_very_deeply_is_refused(folder: Path) -> None:
    schema: dict[str, Any] = {}
    for _ in range(60):
        schema = {"properties": {"a": schema}}
    put_record(folder, schema)
    assert codes(folder)[0] in {"E0506", "E0807"}
    put(folder, "schemas/netsuite/salesOrder.schema.json", '{"properties":' * 100_000)
    assert codes(folder)[0].startswith("E05")


def test_files_of_another_kind_are_refused_or_passed_over(folder: Path) -> None:
    put(folder, "schemas/netsuite/notes.txt", "nothing")
    put(folder, "schemas/netsuite/.hidden.schema.json", "nothing")
    assert codes(folder) == []
    (folder / "acme/schemas/netsuite/salesOrder.schema.json").mkdir()
    assert codes(folder) == ["E0102"]
