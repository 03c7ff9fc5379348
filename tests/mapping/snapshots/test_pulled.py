"""What NewStore and NetSuite answer about their types becomes snapshots, always of the same form."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema

from engine.findings.diagnostics import SourceText
from engine.findings.errors import ReadError
from engine.mapping.plan.selection import read_query, read_schema
from engine.mapping.record_schemas import RecordSchema, read_snapshot
from engine.mapping.snapshots import build_sdl, convert_catalog

OWN = """
"An amount."
scalar Money
enum State { OPEN CLOSED }
interface Node { id: ID! }
type Query { order(id: String!, tenant: String!, last: Int = 5): Order node: Node }
type Order implements Node { id: ID! zone: String grandTotal: Money tax: Boolean state: State invoice: Invoice }
type Invoice { grandTotal: Money taxTotal: String amountDue: Money }
"""


def introspection(sdl: str) -> dict[str, Any]:
    return dict(introspection_from_schema(build_schema(sdl)))


def test_an_introspection_becomes_the_same_text_in_whatever_order_it_came() -> None:
    told = introspection(OWN)
    sdl = build_sdl(told)
    turned = copy.deepcopy(told)
    turned["__schema"]["types"].reverse()
    for kind in turned["__schema"]["types"]:
        kind["fields"] and kind["fields"].reverse()
    assert build_sdl({"data": turned}) == sdl
    assert "scalar Money" in sdl
    assert sdl.index("grandTotal: Money") < sdl.index("zone: String")
    assert build_sdl(introspection(sdl)) == sdl


def test_money_of_a_pulled_schema_is_known() -> None:
    schema = read_schema(SourceText("own.graphql", build_sdl(introspection(OWN))))
    query = '{ order(id: "1", tenant: "t") { grandTotal tax zone invoice { grandTotal taxTotal amountDue } } }'
    order = read_query(query, schema).children["order"]
    invoice = order.children["invoice"]
    assert order.children["grandTotal"].is_money
    assert not order.children["tax"].is_money
    assert not order.children["zone"].is_money
    # A type that the shipped ones do not know: by the field's name, but no text.
    assert invoice.children["grandTotal"].is_money
    assert not invoice.children["taxTotal"].is_money


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"data": None},
        {"errors": [{"message": "introspection is disabled"}]},
        {"__schema": {"types": "all"}},
        {"__schema": {"types": []}},
        {"__schema": {"types": [{"kind": "OBJECT", "name": "Query"}], "queryType": {"name": "Query"}, "directives": []}},
        {"__schema": {"types": [None] * 30_000}},
        {"__schema": {**introspection(OWN)["__schema"], "queryType": {"name": "Order"}}, "data": 1},
        {"__schema": {**introspection(OWN)["__schema"], "directives": 7}},
    ],
)  # fmt: skip
def test_what_is_no_introspection_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ReadError) as caught:
        build_sdl(told)
    assert [finding.code for finding in caught.value.findings] == ["E1008"]


LINKS = {"type": "array", "readOnly": True, "items": {"$ref": "#/components/schemas/nsLink"}}
RESOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "externalId": {"type": "string"}, "refName": {"type": "string"}, "links": LINKS},
}  # fmt: skip


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def collection(element: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": ref(element)},
            "count": {"type": "integer", "readOnly": True},
            "links": LINKS,
        },
    }


COMPONENTS: dict[str, Any] = {
    "nsLink": {"type": "object", "properties": {"href": {"type": "string"}, "rel": {"type": "string"}}},
    "nsResource": RESOURCE,
    "customer": {"type": "object", "properties": {"id": {"type": "string"}, "lastOrder": ref("salesOrder")}},
    "salesOrder-itemCollection": collection("salesOrder-itemElement"),
    "salesOrder-itemElement": {"type": "object", "properties": {
        "links": LINKS, "amount": {"type": "number", "format": "double"}, "line": {"type": "integer"},
        "item": ref("nsResource"), "custcol_note": {"type": "string"}, "inner": ref("salesOrder-itemCollection"),
    }},
    "salesOrder-billingAddress": {"type": "object", "properties": {"city": {"type": "string"}, "links": LINKS}},
    "nsResourceCollection": collection("nsResource"),
    "salesOrder": {"type": "object", "properties": {
        "id": {"type": "string"}, "links": LINKS, "refName": {"type": "string", "readOnly": True},
        "entity": ref("customer"), "currency": ref("nsResource"), "item": ref("salesOrder-itemCollection"),
        "billingAddress": ref("salesOrder-billingAddress"), "tranDate": {"type": "string", "format": "date"},
        "createdDate": {"type": "string", "format": "date-time"}, "total": {"type": "number"},
        "tranId": {"type": "string"}, "memo": {"type": ["string", "null"]}, "isTaxable": {"type": "boolean"},
        "customForm": {"type": "object", "properties": {"id": {"type": "string", "enum": ["1"]}, "refName": {"type": "string"}}},
        "orderStatus": {"type": "object", "properties": {"id": {"type": "string", "enum": ["A", "B"]}, "refName": {"type": "string"}}},
        "custbody_channel": {"type": "string"}, "custbody_shop": RESOURCE, "custbody_many": ref("nsResourceCollection"),
    }},
}  # fmt: skip
SWAGGER: dict[str, Any] = {"openapi": "3.0.1", "paths": {}, "components": {"schemas": COMPONENTS}}


def pulled(answer: dict[str, Any], record: str = "salesOrder") -> RecordSchema:
    text = json.dumps(convert_catalog(record, answer))
    return read_snapshot(record, SourceText("pulled", text))


BODY: dict[str, Any] = {
    "entity": {"externalId": "C-1"}, "currency": 1, "tranDate": "2026-12-01", "total": Decimal("1.5"), "memo": "x",
    "customForm": 99, "orderStatus": {"id": "A"}, "billingAddress": {"city": "Berlin"},
    "item": {"items": [{"item": {"id": 7}, "amount": 1, "inner": {"items": [{"line": 1}]}}]},
    "custbody_channel": "web", "custbody_shop": {"id": 3}, "custbody_many": {"items": [{"id": 1}]},
}  # fmt: skip


def test_an_openapi_answer_becomes_the_schema_of_the_record() -> None:
    schema = pulled(SWAGGER)
    assert schema.mistakes(BODY) == ()
    assert "customer" not in schema.schema["$defs"]
    assert list(schema.schema["properties"]) == sorted(schema.schema["properties"], key=str.lower)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"custbody_chanel": "web"}, "salesOrder has no field 'custbody_chanel'"),
        ({"item": {"items": [{"custcol_other": 1}]}}, "salesOrder.item.items[] has no field 'custcol_other'"),
        ({"item": {"items": [{"amount": "1"}]}}, "salesOrder.item.items[].amount is a text, not a number"),
        ({"item": [1]}, "salesOrder.item is a list, not a sublist"),
        ({"entity": {"name": "Ann"}}, "salesOrder.entity has no field 'name'"),
        ({"orderStatus": {"id": "C"}}, "salesOrder.orderStatus.id cannot be 'C'"),
        ({"refName": "x"}, "salesOrder has no field 'refName'"),
        ({"links": []}, "salesOrder has no field 'links'"),
        ({"tranDate": "1.12.2026"}, "salesOrder.tranDate is not a date"),
        ({"tranId": "x" * 46}, "salesOrder.tranId is longer than 45 characters"),
        ({"custbody_shop": ["x"]}, "salesOrder.custbody_shop is a list, not a reference"),
    ],
)  # fmt: skip
def test_slips_are_found_by_a_pulled_schema(body: dict[str, Any], message: str) -> None:
    assert message in [mistake.message for mistake in pulled(SWAGGER).mistakes(body)]


def test_a_json_schema_answer_with_links_to_other_types() -> None:
    link = "/services/rest/record/v1/metadata-catalog"
    answer = {
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
        "type": "object",
        "properties": {
            "customer": {"$ref": f"{link}/customer"},
            "accountingBookDetail": {"$ref": f"{link}/customerDeposit-accountingBookDetailCollection"},
            "payment": {"type": "number"},
        },
    }  # fmt: skip
    schema = pulled(answer, "customerDeposit")
    body = {"customer": {"id": 5}, "payment": 1, "accountingBookDetail": {"items": [{"a": 1}]}}
    assert schema.mistakes(body) == ()
    assert not schema.accepts({"customer": {"name": "Ann"}})
    assert not schema.accepts({"accountingBookDetail": []})


def test_the_same_answer_in_another_order_becomes_the_same_schema() -> None:
    turned = dict(reversed(COMPONENTS.items()))
    turned["salesOrder"] = {
        "type": "object",
        "properties": dict(reversed(COMPONENTS["salesOrder"]["properties"].items())),
    }
    assert json.dumps(convert_catalog("salesOrder", {"components": {"schemas": turned}})) == json.dumps(
        convert_catalog("salesOrder", SWAGGER)
    )  # fmt: skip


def of(properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        inner = of({"a": inner})
    return inner


HOSTILE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no properties": {"type": "object"},
    "properties are a list": of([]),
    "nothing to write": of({"id": {"type": "string", "readOnly": True}}),
    "a property is a text": of({"a": "string"}),
    "an unknown type": of({"a": {"type": "text"}}),
    "a type that is a map": of({"a": {"type": {}}}),
    "a reference that is a number": of({"a": {"$ref": 1}}),
    "a reference to nothing": of({"a": {"$ref": ""}}),
    "a part that is missing": of({"a": ref("salesOrder-a")}),
    "a part that is itself": {**of({"a": {"$ref": "#/$defs/a"}}), "$defs": {"a": {"$ref": "#/$defs/a"}}},
    "parts in a circle": {**of({"a": {"$ref": "#/$defs/a"}}), "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    "a sublist of itself": {**of({"a": {"$ref": "#/$defs/a-a"}}), "$defs": {"a-a": of({"items": {"$ref": "#/$defs/a-a"}}), "b": {}}},
    "too deep": nested(200),
    "very deep": nested(900),
    "too many properties": of({f"a{number}": {"type": "string"} for number in range(30_001)}),
    "a name that is none": of({"a\nb": {"type": "string"}}),
    "a part with a strange name": {**of({"a": {"$ref": "#/$defs/x-a%2Fb"}}), "$defs": {"x-a%2Fb": of({"c": {}})}},
    "a long chain": {**of({"a": {"$ref": "#/$defs/x-0"}}), "$defs": {f"x-{n}": of({"a": {"$ref": f"#/$defs/x-{n + 1}"}}) for n in range(5_000)}},
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "a sublist of itself"])
def test_what_is_no_catalog_is_refused(name: str) -> None:
    with pytest.raises(ReadError) as caught:
        convert_catalog("salesOrder", HOSTILE[name])
    (finding,) = caught.value.findings
    assert finding.code == "E0807"
    assert len(finding.message) < 250


def test_parts_that_hold_themselves_are_made_once() -> None:
    schema = convert_catalog("salesOrder", HOSTILE["a sublist of itself"])
    assert set(schema["$defs"]) == {"a"}


@pytest.mark.parametrize("record", ["", "../customer", "sales order", "x" * 200, "salesOrder\n"])
def test_a_record_has_a_proper_name(record: str) -> None:
    with pytest.raises(ReadError):
        convert_catalog(record, SWAGGER)
